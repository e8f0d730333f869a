"""Labelled notes to (note, code) pairs: what the ranker is fitted on."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from clinical_coding.arrays import Features
from clinical_coding.claim import Profile
from clinical_coding.code_set import CodeSet
from clinical_coding.features import FEATURES, CandidateSources, candidate_features
from clinical_coding.note import IcdCode, LabelledNote
from runtime.progress import Progress

BATCH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Every candidate of every note; ``gold`` counts the codes of the notes, found or not."""

    matrix: Features = field(repr=False)  # (pairs, len(FEATURES))
    is_gold: NDArray[np.bool_] = field(repr=False)  # (pairs,)
    notes: int
    gold: int


def pairs_of(
    notes: Sequence[LabelledNote],
    profile: Profile,
    sources: CandidateSources,
    progress: Progress,
    what: str,
) -> Pairs:
    """The candidates of all notes with their features; ``what`` names the notes to the progress."""
    matrices = [np.empty((0, len(FEATURES)), np.float32)]
    labels: list[bool] = []
    done = 0
    for batch in batches(notes):
        found = candidate_features([labelled.note for labelled in batch], sources, profile)
        for labelled, candidates in zip(batch, found, strict=True):
            matrices.append(candidates.matrix)
            labels += are_gold(candidates.codes, labelled.codes, sources.code_set)
        done += len(batch)
        progress(f"finding candidates: {what}", done, len(notes))
    return Pairs(
        matrix=np.concatenate(matrices),
        is_gold=np.array(labels, bool),
        notes=len(notes),
        gold=sum(len(set(labelled.codes)) for labelled in notes),
    )


def joined(parts: Sequence[Pairs]) -> Pairs:
    """The pairs of several sets of notes as one."""
    return Pairs(
        matrix=np.concatenate([part.matrix for part in parts]),
        is_gold=np.concatenate([part.is_gold for part in parts]),
        notes=sum(part.notes for part in parts),
        gold=sum(part.gold for part in parts),
    )


def are_gold(codes: Sequence[IcdCode], gold: Sequence[IcdCode], code_set: CodeSet) -> list[bool]:
    """Whether each code is gold, or below a gold code that is a header today (M54.5 was split)."""
    headers = tuple(code for code in gold if not code_set.is_billable(code))
    return [code in gold or (bool(headers) and code.startswith(headers)) for code in codes]


def batches(notes: Iterable[LabelledNote]) -> Iterator[list[LabelledNote]]:
    """The notes in lists of BATCH."""
    waiting = iter(notes)
    while batch := list(islice(waiting, BATCH)):
        yield batch
