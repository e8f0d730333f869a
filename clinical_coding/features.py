"""What the ranker sees of a (note, code) pair; training and the worker share this one list.

A group of features is a tuple of names and the function that gives their values, in that order.
A change of any of them raises FEATURES_VERSION.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import nan

import numpy as np

from clinical_coding import learnt_features
from clinical_coding.arrays import Features
from clinical_coding.assertion import HELD_AS_OWN
from clinical_coding.candidates import Candidate, Naming, best_naming
from clinical_coding.claim import Assertion, Profile
from clinical_coding.note import IcdCode, Note, Sex
from clinical_coding.proposing import CandidateSources, Proposal, SentenceEncoder, propose_batch
from clinical_coding.scene import Scene, TitleWords, scene_of
from clinical_coding.term_table import TermKind

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

_ASSERTIONS = tuple(Assertion)
_OWN_KINDS = frozenset({TermKind.ABBREVIATION, TermKind.ACRONYM, TermKind.LAY})
_SECTIONS = (
    frozenset({"assessment", "discharge_diagnosis"}),
    frozenset({"chief_complaint"}),
    frozenset({"hpi", "hospital_course"}),
    frozenset({"pmh", "psh"}),
    frozenset({"plan", "instructions"}),
    frozenset({"exam", "results", "procedures"}),
    frozenset({"ros"}),
    frozenset({"medications", "social_history"}),
    frozenset({""}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateFeatures:
    """The candidates of one note, and one row of features for each."""

    codes: tuple[IcdCode, ...]
    matrix: Features = field(repr=False)  # (codes, len(FEATURES))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """A candidate, the note around it, and the words of its title."""

    candidate: Candidate
    scene: Scene
    title: TitleWords
    best: Naming | None


def _mentions(pair: _Pair) -> tuple[float, ...]:
    held = [naming.mention.assertion for naming in pair.candidate.namings]
    return tuple(float(held.count(assertion)) for assertion in _ASSERTIONS)


def _best_mention(pair: _Pair) -> tuple[float, ...]:
    best = pair.best
    if best is None:
        return (nan,) * 13
    mention = best.mention
    return (
        mention.length,
        mention.weight,
        mention.share,
        best.readings,
        best.leaf.supported,
        best.leaf.unspecified,
        mention.respelt,
        mention.start / pair.scene.characters,
        best.kind is TermKind.TITLE,
        best.kind is TermKind.INCLUSION,
        best.kind is TermKind.INDEX,
        best.kind is TermKind.SYNONYM,
        best.kind in _OWN_KINDS,
    )


def _scattered(pair: _Pair) -> tuple[float, ...]:
    held = [n for n in pair.candidate.scattered if n.mention.assertion in HELD_AS_OWN]
    if not held:
        return (len(pair.candidate.scattered), *(nan,) * 4)
    best = min(held, key=lambda naming: naming.mention.length)
    return (
        len(pair.candidate.scattered),
        len(held),
        best.mention.length,
        best.readings,
        best.mention.section in _SECTIONS[0],
    )


def _where(pair: _Pair) -> tuple[float, ...]:
    sections = [
        naming.mention.section
        for naming in pair.candidate.namings
        if naming.mention.assertion is Assertion.PRESENT
    ]
    return tuple(float(sum(s in group for s in sections)) for group in _SECTIONS)


def _likeness(pair: _Pair) -> tuple[float, ...]:
    similarity, likeness = pair.scene.similarity, pair.candidate.likeness
    if not similarity.clauses:
        return (nan,) * 6
    cosine = similarity.best[pair.scene.row(pair.candidate.code)]
    in_top = (nan,) * 3
    if likeness is not None:
        in_top = (
            likeness.rank,
            likeness.clause.words,
            likeness.clause.section in _SECTIONS[0],
        )
    behind = similarity.best[similarity.top[0]] - cosine
    return (float(cosine), float(behind), likeness is not None, *in_top)


def _title(pair: _Pair) -> tuple[float, ...]:
    said = pair.best.mention.words if pair.best else frozenset()
    return (
        pair.title.share(pair.scene.words),
        max((pair.title.share(words) for words in pair.scene.sentences), default=0.0),
        pair.title.share(said),
        len(pair.title.weights),
        pair.title.total,
        pair.title.unspecified,
        pair.title.other,
        pair.title.without,
    )


def _code(pair: _Pair) -> tuple[float, ...]:
    code = pair.candidate.code
    return (
        pair.scene.chapter(code),
        len(code),
        code[0] == "R",
        code[0] == "Z",
        code[0] in "ST",
        code[0] in "VWXY",
        code[0] == "O",
    )


def _patient(pair: _Pair) -> tuple[float, ...]:
    note = pair.scene.note
    sexes = {Sex.FEMALE: 1.0, Sex.MALE: 0.0}
    return (
        nan if note.age_years is None else note.age_years,
        sexes.get(note.sex, nan),
        note.is_inpatient,
        note.encounter_class == "EMER",
    )


def _rivals(pair: _Pair) -> tuple[float, ...]:
    scene, code = pair.scene, pair.candidate.code
    length = pair.best.mention.length if pair.best else 0
    return (
        len(scene.words),
        len(scene.sentences),
        scene.candidates,
        scene.named,
        scene.named_in_category[code[:3]],
        length - scene.longest_in_category[code[:3]],
        scene.has_assessment,
    )


_Group = tuple[tuple[str, ...], Callable[[_Pair], tuple[float, ...]]]
_GROUPS: tuple[_Group, ...] = (
    (tuple(f"mentions_{assertion}" for assertion in _ASSERTIONS), _mentions),
    (
        (
            "best_words",  # content words of the longest phrase that names the code
            "best_weight",  # how rare they are, summed
            "best_share",  # how much of its sentence it is
            "best_readings",  # codes that the phrase names
            "best_details",  # details of the leaf that the words around it gave
            "best_unspecified",
            "best_respelt",
            "best_place",  # 0 at the note's start, 1 at its end
            "best_is_title",
            "best_is_inclusion",
            "best_is_index",
            "best_is_synonym",
            "best_is_own",
        ),
        _best_mention,
    ),
    (
        (
            "scattered",
            "scattered_held",
            "scattered_width",
            "scattered_readings",
            "scattered_in_assessment",
        ),
        _scattered,
    ),
    (
        (
            "in_assessment",
            "in_chief_complaint",
            "in_hpi",
            "in_past_history",
            "in_plan",
            "in_exam",
            "in_ros",
            "in_medications",
            "in_no_section",
        ),
        _where,
    ),
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
    scene = scene_of(proposal, sources)
    rows = [
        _row(
            _Pair(
                candidate=candidate,
                scene=scene,
                title=scene.title_words(candidate.code),
                best=best_naming(candidate),
            )
        )
        for candidate in proposal.candidates
    ]
    own = np.array(rows, dtype=np.float32).reshape(
        len(rows), len(FEATURES) - len(learnt_features.NAMES)
    )
    learnt = learnt_features.rows(proposal.candidates, sources.learnt, proposal.lessons)
    return np.hstack([own, learnt])


def _row(pair: _Pair) -> list[float]:
    return [value for _, values in _GROUPS for value in values(pair)]
