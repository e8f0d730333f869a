"""What the ranker sees of a (note, code) pair; training and the worker share this one list.

A group is the features' names and the function that gives their columns, in that order, for all pairs
of a note at once. A change of any of them raises FEATURES_VERSION.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import nan

import numpy as np

from clinical_coding import learnt_features, naming_features
from clinical_coding.arrays import Features
from clinical_coding.claim import Profile
from clinical_coding.naming_features import ASSESSMENT, Group
from clinical_coding.note import IcdCode, Note, Sex
from clinical_coding.pairs import Pairs, pairs_of
from clinical_coding.proposing import CandidateSources, Proposal, SentenceEncoder, propose_batch

__all__ = [
    "FEATURES",
    "FEATURES_VERSION",
    "CandidateFeatures",
    "CandidateSources",
    "SentenceEncoder",
    "candidate_features",
    "feature_matrix",
]

FEATURES_VERSION = 2  # goes into the bundle: a ranker fitted on another list is refused

_SEXES = {Sex.FEMALE: 1.0, Sex.MALE: 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateFeatures:
    """The candidates of one note, and one row of features for each."""

    codes: tuple[IcdCode, ...]
    matrix: Features = field(repr=False)  # (codes, len(FEATURES))


def _likeness(pairs: Pairs) -> Features:
    similarity = pairs.scene.similarity
    alike = [(row, c.likeness) for row, c in enumerate(pairs.candidates) if c.likeness is not None]
    in_top = [
        (like.rank, like.clause.words, like.clause.section in ASSESSMENT) for _, like in alike
    ]
    columns = pairs.filled([row for row, _ in alike], [(nan, nan, 1, *top) for top in in_top], 6)
    if similarity.clauses:
        cosines = similarity.best[pairs.titles]
        columns[:, 0] = cosines
        columns[:, 1] = similarity.best[similarity.top[0]] - cosines
        columns[:, 2] = [candidate.likeness is not None for candidate in pairs.candidates]
    return columns


def _title(pairs: Pairs) -> Features:
    sentences, facts = pairs.scene.sentences, pairs.facts
    columns = np.zeros((len(facts), 8), np.float32)
    columns[:, 0] = pairs.of_title(np.any(sentences, axis=0, keepdims=True))
    columns[:, 1] = pairs.of_title(sentences).max(axis=0, initial=0)
    for row in pairs.said:
        columns[row, 2] = _share_said(pairs, row)
    columns[:, 3:] = [
        (len(one.words), one.total, one.unspecified, one.other, one.without) for one in facts
    ]
    return columns


def _share_said(pairs: Pairs, row: int) -> float:
    facts, best = pairs.facts[row], pairs.best[row]
    said = best.mention.words if best is not None else frozenset()
    weights = zip(facts.words, facts.weights, strict=True)
    return sum(weight for word, weight in weights if word in said) / facts.total


def _code(pairs: Pairs) -> Features:
    rows = zip(pairs.facts, (candidate.code for candidate in pairs.candidates), strict=True)
    return np.array(
        [
            (
                facts.chapter,
                len(code),
                code[0] == "R",
                code[0] == "Z",
                code[0] in "ST",
                code[0] in "VWXY",
                code[0] == "O",
            )
            for facts, code in rows
        ],
        np.float32,
    )


def _patient(pairs: Pairs) -> Features:
    note = pairs.scene.note
    of_note = (
        nan if note.age_years is None else note.age_years,
        _SEXES.get(note.sex, nan),
        note.is_inpatient,
        note.encounter_class == "EMER",
    )
    return np.tile(np.array(of_note, np.float32), (len(pairs.candidates), 1))


def _rivals(pairs: Pairs) -> Features:
    scene = pairs.scene
    columns = np.empty((len(pairs.candidates), 7), np.float32)
    columns[:, :4] = len(scene.word_places), len(scene.sentences), scene.candidates, scene.named
    categories = [candidate.code[:3] for candidate in pairs.candidates]
    lengths = np.array([best.mention.length if best else 0 for best in pairs.best])
    columns[:, 4] = [scene.named_in_category[category] for category in categories]
    columns[:, 5] = lengths - [scene.longest_in_category[category] for category in categories]
    columns[:, 6] = scene.has_assessment
    return columns


_GROUPS: tuple[Group, ...] = (
    *naming_features.GROUPS,
    (
        (
            "cosine",
            "cosine_behind_best",
            "alike",
            "alike_rank",
            "alike_words",
            "alike_in_assessment",
        ),
        _likeness,
    ),
    (
        (
            "title_in_note",  # share of the title's words, by weight
            "title_in_sentence",
            "title_in_mention",
            "title_words",
            "title_weight",
            "title_unspecified",
            "title_other",
            "title_without",
        ),
        _title,
    ),
    (
        (
            "chapter",
            "code_length",
            "is_symptom",
            "is_factor",
            "is_injury",
            "is_external_cause",
            "is_pregnancy",
        ),
        _code,
    ),
    (("age", "is_female", "is_inpatient", "is_emergency"), _patient),
    (
        (
            "note_words",
            "note_sentences",
            "note_candidates",
            "note_named",
            "category_named",
            "category_words_ahead",
            "has_assessment",
        ),
        _rivals,
    ),
)
FEATURES: tuple[str, ...] = (
    *(name for names, _ in _GROUPS for name in names),
    *learnt_features.NAMES,
)


def candidate_features(
    notes: Sequence[Note], sources: CandidateSources, profile: Profile
) -> tuple[CandidateFeatures, ...]:
    """Candidates and features of each note, in order: what training fits and the worker scores."""
    return tuple(
        CandidateFeatures(
            codes=tuple(candidate.code for candidate in proposal.candidates),
            matrix=feature_matrix(proposal, sources),
        )
        for proposal in propose_batch(notes, sources, profile)
    )


def feature_matrix(proposal: Proposal, sources: CandidateSources) -> Features:
    """One row of FEATURES for each candidate of a note; NaN where nothing is known."""
    if not proposal.candidates:
        return np.empty((0, len(FEATURES)), np.float32)
    pairs = pairs_of(proposal, sources)
    learnt = learnt_features.rows(proposal.candidates, sources.learnt, proposal.lessons)
    return np.hstack([*(columns(pairs) for _, columns in _GROUPS), learnt])
