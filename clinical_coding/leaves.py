"""From a code, perhaps only a header, to the billable leaf whose words the note supports.

Claims need the highest level of detail that is documented (guidelines I.B.2), laterality included
(I.B.13); where the note leaves a detail open, the leaf that says "unspecified" (I.B.18).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest

from clinical_coding.code_set import ENCOUNTER, CodeSet, plain_text
from clinical_coding.note import IcdCode
from clinical_coding.words import content_words, spelt_out

SIDES = frozenset({"right", "left", "bilateral"})
# What a title may say without the note saying so: it is the default when nothing is said (a closed
# and displaced fracture: I.C.19.c.1; active treatment), or says nothing.
_NEUTRAL = frozenset(
    content_words(
        "unspecified uncomplicated initial encounter closed displaced specified as type and or "
        "elsewhere classified nos fracture accidental unintentional side limb organism with "
        "routine site part primary with"
    )
)
_LATER_CARE = frozenset(content_words("follow followup followed aftercare healing healed recheck"))
_SEQUELA = frozenset(content_words("sequela sequelae residual"))
_IMPLIED = {  # what a word of the note says in the words of titles
    "right": ("unilateral",),
    "left": ("unilateral",),
    "leg": ("lower", "extremity"),
    "arm": ("upper", "extremity"),
    "both": ("bilateral",),
    "bilaterally": ("bilateral",),
    "distal": ("lower", "end"),
    "proximal": ("upper", "end"),
    "midshaft": ("shaft",),
    "intentional": ("self", "harm"),
    "intentionally": ("intentional", "self", "harm"),
    "suicide": ("intentional", "self", "harm"),
    "flare": ("exacerbation",),
    "exacerbated": ("exacerbation",),
}

_OPTIONAL = re.compile(r"\([^)]*\)")  # in round brackets: said or not, it is the same
_EXCLUDED = re.compile(r"\b(?:without|not)\b([^,]*?)(?=,| with |$)")

_SUPPORTED, _UNSUPPORTED, _OTHER, _CONTRADICTED = 1.0, -1.0, -1.5, -2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Title:
    """What a leaf's title says beyond its header: words that must be, and that must not be said."""

    details: frozenset[str]
    excluded: frozenset[str]
    unspecified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """The leaf that was chosen; ``supported`` counts the details that the note's words gave.

    ``unspecified`` says that a detail was left open.
    """

    code: IcdCode
    supported: int
    unspecified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Words near a mention that may settle a detail: normal spellings, at most one side."""

    words: frozenset[str] = field(repr=False)  # PHI


NOTHING_SAID = Context(words=frozenset())


def choose_leaves(code_set: CodeSet, code: str, context: Context) -> tuple[Leaf, ...]:
    """As ``choose_leaf``; both sides where both are said and no code of the release names both (I.B.13)."""
    leaf = choose_leaf(code_set, code, context)
    if leaf is None:
        return ()
    if not leaf.unspecified or "bilateral" not in context.words:
        return (leaf,)
    sides = [choose_leaf(code_set, code, _on(side, context)) for side in ("right", "left")]
    codes = {leaf.code, *(one.code for one in sides if one)}
    return tuple(one for one in sides if one) if len(codes) == 1 + len(sides) else (leaf,)


def on_the_told_side(
    code_set: CodeSet, leaf: Leaf, context: Context, told: Mapping[str, frozenset[str]]
) -> Leaf:
    """The leaf's sibling of a side where the context says none and the note says one elsewhere (I.B.13).

    ``told`` has the sides that the note says before a word; a word of the title must be among them.
    """
    if not leaf.unspecified or context.words & SIDES:
        return leaf
    words = content_words(plain_text(code_set.title(leaf.code)))
    sides = {side for word in words for side in told.get(word, ())}
    if len(sides) != 1:
        return leaf
    (side,) = sides
    found = choose_leaf(code_set, leaf.code, _on(side, context))
    there = found is not None and side in content_words(code_set.title(found.code))
    return found if there and found is not None else leaf


def _on(side: str, context: Context) -> Context:
    return Context(words=context.words - SIDES | {side, *_IMPLIED.get(side, ())})


def choose_leaf(code_set: CodeSet, code: str, context: Context) -> Leaf | None:
    """The leaf at or below a code, or beside it on another side, that fits the context best.

    The same code and context always give the same leaf; None for a code with no billable leaf.
    """
    options = _options(code_set, code, _encounter(context))
    if not options:
        return None
    leaf, title = max(options, key=lambda option: _fit(option[1], context))
    supported = len(title.details & context.words)
    return Leaf(code=leaf, supported=supported, unspecified=title.unspecified)


def context_of(before: Sequence[str], mention: Sequence[str], after: Sequence[str]) -> Context:
    """The context of a mention from the words around it; of several sides the nearest counts."""
    around = (word for pair in zip_longest(before[::-1], after) for word in pair if word)
    nearest = [spelt_out(word) for word in (*mention, *around)]
    words = {implied for word in nearest for implied in (word, *_IMPLIED.get(word, ()))}
    sides = [side for word in nearest for side in (word, *_IMPLIED.get(word, ())) if side in SIDES]
    return Context(words=frozenset(words - SIDES | set(sides[:1])))


def _fit(title: _Title, context: Context) -> tuple[float, int, bool]:
    """How well a leaf fits; of two that fit alike, that with fewer details that nobody gave."""
    supported = len(title.details & context.words)
    other = "other" in title.details
    missing = len(title.details) - supported
    score = (
        _SUPPORTED * supported
        + _UNSUPPORTED * (missing - other)
        + _OTHER * other
        + _CONTRADICTED * len(title.excluded & context.words)
    )
    return score, -missing, title.unspecified


def _encounter(context: Context) -> str:
    """The seventh character's meaning (I.C.19.a); active treatment unless the note says otherwise."""
    if context.words & _SEQUELA:
        return "sequela"
    return "subsequent encounter" if context.words & _LATER_CARE else "initial encounter"


@lru_cache(maxsize=32_768)
def _options(code_set: CodeSet, code: str, encounter: str) -> tuple[tuple[IcdCode, _Title], ...]:
    """The leaves to choose from, those for the kind of encounter where that makes leaves."""
    billable = code_set.is_billable(code)
    leaves = code_set.sides_of(code) if billable else code_set.billable_under(code)
    if not leaves:
        return ()
    titles = {leaf: code_set.title(leaf) for leaf in leaves}
    fitting = [leaf for leaf in leaves if _kind_of_encounter(titles[leaf]) in ("", encounter)]
    words = [frozenset(content_words(titles[leaf])) for leaf in fitting]
    said = frozenset.intersection(*words) if billable and words else frozenset()
    header = said | frozenset(content_words(code_set.title(code))) if not billable else said
    return tuple((leaf, _title(titles[leaf], header)) for leaf in fitting)


def _kind_of_encounter(title: str) -> str:
    match = ENCOUNTER.search(title)
    return match.group(1) if match else ""


def _title(title: str, header: frozenset[str]) -> _Title:
    plain = _OPTIONAL.sub("", ENCOUNTER.sub("", title))
    excluded = " ".join(match.group(1) for match in _EXCLUDED.finditer(plain))
    said = frozenset(content_words(_EXCLUDED.sub("", plain)))
    return _Title(
        details=said - header - _NEUTRAL,
        excluded=frozenset(content_words(excluded)) - _NEUTRAL,
        unspecified="unspecified" in title.lower(),
    )
