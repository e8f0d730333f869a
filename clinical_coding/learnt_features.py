"""The ranker's features of what labelled notes taught; one array for all candidates of a note."""

from collections.abc import Sequence
from math import nan

import numpy as np

from clinical_coding.arrays import Features
from clinical_coding.assertion import HELD_AS_OWN
from clinical_coding.candidates import Candidate
from clinical_coding.learnt import UNTRIED, Learnt, phrase_of
from clinical_coding.lessons import Lessons

_OF_LESSONS = (
    "strength",
    "second",
    "any_of",
    "share",
    "rank",
    "count",
    "alone_count",
    "alone_strength",
    "alone_any_of",
    "lead",
    "gram_words",
    "gram_notes",
    "cosine",
    "vote",
    "vote_rank",
)
NAMES = (
    *(f"learnt_{name}" for name in _OF_LESSONS),
    "learnt_notes",  # labelled notes with the code
    "learnt_category_notes",
    "learnt_share_in_category",
    "phrase_notes",  # labelled notes with the phrase that was coded so most often
    "phrase_rate",  # share of them with the code
    "phrase_any_rate",  # share of them with any code of the phrase
)


def rows(
    candidates: Sequence[Candidate], learnt: Learnt | None, lessons: Lessons | None
) -> Features:
    """(candidates, len(NAMES)); NaN throughout where nothing learnt was asked."""
    if learnt is None or lessons is None:
        return np.full((len(candidates), len(NAMES)), nan, np.float32)
    places = np.array([learnt.places.get(c.code, -1) for c in candidates], np.int64)
    held = places >= 0
    told = np.full((len(candidates), len(_OF_LESSONS)), nan, np.float32)
    for column, name in enumerate(_OF_LESSONS):
        told[held, column] = getattr(lessons, name)[places[held]]
    category = np.array([learnt.category_notes[c.code[:3]] for c in candidates], np.float32)
    notes = np.where(held, learnt.code_notes[places], 0)
    tried = np.array([_tried(c, learnt) for c in candidates], np.float32).reshape(-1, 3)
    return np.column_stack([told, notes, category, (notes + 0.2) / (category + 2), tried]).astype(
        np.float32
    )


def _tried(candidate: Candidate, learnt: Learnt) -> tuple[float, float, float]:
    phrases = {
        phrase_of(naming.mention)
        for naming in candidate.namings
        if naming.mention.assertion in HELD_AS_OWN
    }
    if not phrases:
        return nan, nan, nan
    of_code = {p: learnt.namings.get((p, candidate.code), UNTRIED) for p in sorted(phrases)}
    best = max(of_code, key=lambda phrase: of_code[phrase].rate)
    return of_code[best].notes, of_code[best].rate, learnt.phrases.get(best, UNTRIED).rate
