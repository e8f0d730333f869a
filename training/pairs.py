"""Labelled notes to (note, code) pairs: what the ranker is fitted on and evaluated with."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from clinical_coding.arrays import Features
from clinical_coding.features import FEATURES, CandidateSources, candidate_features
from clinical_coding.note import LabelledNote
from runtime.progress import Progress

BATCH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Every candidate of every note; ``gold`` counts the codes of the notes, found or not."""

    matrix: Features = field(repr=False)  # (pairs, len(FEATURES))
    is_gold: NDArray[np.bool_] = field(repr=False)  # (pairs,)
    notes: int
    gold: int

    @property
    def recall(self) -> float:
        """The share of gold codes that are candidates: no ranker can do better."""
        return float(self.is_gold.sum()) / max(1, self.gold)


def pairs_of(
    notes: Iterable[LabelledNote], sources: CandidateSources, progress: Progress, total: int
) -> Pairs:
    """The candidates of all notes with their features; ``total`` notes are expected."""
    matrices = [np.empty((0, len(FEATURES)), np.float32)]
    labels: list[bool] = []
    count = gold = 0
    for batch in batches(notes):
        found = candidate_features([labelled.note for labelled in batch], sources)
        for labelled, candidates in zip(batch, found, strict=True):
            matrices.append(candidates.matrix)
            labels += [code in labelled.codes for code in candidates.codes]
            gold += len(set(labelled.codes))
        count += len(batch)
        progress("finding candidates", count, total)
    return Pairs(
        matrix=np.concatenate(matrices), is_gold=np.array(labels, bool), notes=count, gold=gold
    )


def batches(notes: Iterable[LabelledNote]) -> Iterator[list[LabelledNote]]:
    """The notes in lists of BATCH."""
    waiting = iter(notes)
    while batch := list(islice(waiting, BATCH)):
        yield batch
