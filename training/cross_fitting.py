"""The ranker of every documented condition, judged only by what other notes taught.

A feature that was learnt from a note's own codes knows the answer. So the notes are dealt into folds
by report, and a note's features come from what the other folds taught, whose codes are the only ones
known: cross-validation then agrees with new notes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from clinical_coding.arrays import Probabilities
from clinical_coding.claim import Profile
from clinical_coding.learnt import Learnt
from clinical_coding.note import LabelledNote
from clinical_coding.projection import Projection
from clinical_coding.proposing import CandidateSources, taught
from runtime.progress import Progress
from training.data_sets import fold_of
from training.fitting import fit_rounds
from training.learning import Lesson, learn
from training.pairs import Pairs, joined, pairs_of
from training.projecting import fit_projection

FOLDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossFitted:
    """Pairs of labelled notes; ``folds`` (pairs,) says in which fold the note of each is."""

    pairs: Pairs
    folds: NDArray[np.int64] = field(repr=False)


def learn_all(
    lessons: Sequence[Lesson], sources: CandidateSources, seed: int
) -> tuple[Learnt, Projection]:
    """Everything that these notes teach."""
    learnt = learn(lessons, sources)
    rows = [sources.titles.row(code, sources.code_set.title(code)) for code in learnt.codes]
    wanted = np.array(rows, np.int64)[learnt.clause_codes]
    clauses = np.repeat(learnt.clause_vectors, np.diff(learnt.clause_starts), axis=0)
    return learnt, fit_projection(clauses, wanted, sources.titles.vectors, seed)


def cross_fit(
    notes: Sequence[LabelledNote],
    lessons: Sequence[Lesson],
    sources: CandidateSources,
    seed: int,
    progress: Progress,
) -> CrossFitted:
    """The candidates of the notes, each fold's with what the others taught.

    ``lessons`` are those of the notes, in their order.
    """
    dealt = [fold_of(labelled, seed, FOLDS) for labelled in notes]
    pairs, folds = [], []
    for fold in sorted(set(dealt)):
        others = [lesson for lesson, at in zip(lessons, dealt, strict=True) if at != fold]
        own = [labelled for labelled, at in zip(notes, dealt, strict=True) if at == fold]
        knowing = taught(sources, *learn_all(others, sources, seed))
        found = pairs_of(own, Profile.MENTIONS, knowing, progress, f"fold {fold + 1} of {FOLDS}")
        pairs.append(found)
        folds.append(np.full(len(found.matrix), fold))
    return CrossFitted(pairs=joined(pairs), folds=np.concatenate(folds))


def cross_validated(fitted: CrossFitted, seed: int) -> Probabilities:
    """The score of each pair by a ranker that was fitted on the other folds."""
    scores = np.zeros(len(fitted.folds), np.float32)
    for fold in np.unique(fitted.folds):
        inside = fitted.folds == fold
        booster = fit_rounds(_only(fitted.pairs, ~inside), seed)
        scores[inside] = booster.inplace_predict(fitted.pairs.matrix[inside])
    return scores


def _only(pairs: Pairs, chosen: NDArray[np.bool_]) -> Pairs:
    return replace(pairs, matrix=pairs.matrix[chosen], is_gold=pairs.is_gold[chosen])
