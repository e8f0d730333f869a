"""The ranker's features of the words that name a code: how, where and how often the note says them."""

from collections.abc import Callable, Sequence
from math import nan

import numpy as np

from clinical_coding.arrays import Features
from clinical_coding.assertion import HELD_AS_OWN
from clinical_coding.candidates import Naming
from clinical_coding.claim import Assertion
from clinical_coding.pairs import Pairs
from clinical_coding.term_table import TermKind

Group = tuple[
    tuple[str, ...], Callable[[Pairs], Features]
]  # names, and their columns for all pairs

_ASSERTIONS = {assertion: place for place, assertion in enumerate(Assertion)}
_OWN_KINDS = frozenset({TermKind.ABBREVIATION, TermKind.ACRONYM, TermKind.LAY})
ASSESSMENT = frozenset({"assessment", "discharge_diagnosis"})
_SECTIONS = (
    ASSESSMENT,
    frozenset({"chief_complaint"}),
    frozenset({"hpi", "hospital_course"}),
    frozenset({"pmh", "psh"}),
    frozenset({"plan", "instructions"}),
    frozenset({"exam", "results", "procedures"}),
    frozenset({"ros"}),
    frozenset({"medications", "social_history"}),
    frozenset({""}),
)
_GROUP_OF_SECTION = {section: at for at, group in enumerate(_SECTIONS) for section in group}


def _mentions(pairs: Pairs) -> Features:
    counts = np.zeros((len(pairs.candidates), len(_ASSERTIONS)), np.float32)
    for row in pairs.said:
        for naming in pairs.candidates[row].namings:
            counts[row, _ASSERTIONS[naming.mention.assertion]] += 1
    return counts


def _best_mention(pairs: Pairs) -> Features:
    best = [_of_mention(b, pairs.scene.characters) for b in pairs.best if b is not None]
    return pairs.filled(pairs.said, best, 13)


def _of_mention(best: Naming, characters: int) -> tuple[float, ...]:
    mention = best.mention
    return (
        mention.length,
        mention.weight,
        mention.share,
        best.readings,
        best.leaf.supported,
        best.leaf.unspecified,
        mention.respelt,
        mention.start / characters,
        best.kind is TermKind.TITLE,
        best.kind is TermKind.INCLUSION,
        best.kind is TermKind.INDEX,
        best.kind is TermKind.SYNONYM,
        best.kind in _OWN_KINDS,
    )


def _scattered(pairs: Pairs) -> Features:
    rows = [row for row, candidate in enumerate(pairs.candidates) if candidate.scattered]
    columns = pairs.filled(rows, [_of_scattered(pairs.candidates[at].scattered) for at in rows], 5)
    columns[:, 0] = [len(candidate.scattered) for candidate in pairs.candidates]
    return columns


def _of_scattered(scattered: Sequence[Naming]) -> tuple[float, ...]:
    held = [naming for naming in scattered if naming.mention.assertion in HELD_AS_OWN]
    if not held:
        return (len(scattered), *(nan,) * 4)
    best = min(held, key=lambda naming: naming.mention.length)
    return (
        len(scattered),
        len(held),
        best.mention.length,
        best.readings,
        best.mention.section in ASSESSMENT,
    )


def _where(pairs: Pairs) -> Features:
    counts = np.zeros((len(pairs.candidates), len(_SECTIONS)), np.float32)
    for row in pairs.said:
        for mention in (naming.mention for naming in pairs.candidates[row].namings):
            group = _GROUP_OF_SECTION.get(mention.section)
            if mention.assertion is Assertion.PRESENT and group is not None:
                counts[row, group] += 1
    return counts


GROUPS: tuple[Group, ...] = (
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
)
