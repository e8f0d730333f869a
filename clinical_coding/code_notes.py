"""What the tabular list says about codes together: Excludes notes, code first, use additional code."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import NewType

# "E11" is E11 and all codes below it, "O10-O11" everything between them, "T36-T65~..5.*" what of a
# range also matches the pattern behind the ~: of the characters after the third, without the dot.
CodeRange = NewType("CodeRange", str)

_CATEGORY = 3  # characters


class NoteKind(StrEnum):
    """An instructional note of the tabular list that names codes (guidelines I.A.12, I.A.13)."""

    EXCLUDES1 = "excludes1"
    EXCLUDES2 = "excludes2"
    CODE_FIRST = "code first"
    USE_ADDITIONAL = "use additional code"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CodeNotes:
    """The notes of one release; a note holds for everything below the header that it stands at.

    A note names codes in brackets: "gestational diabetes (O24.4-)". One that describes a condition
    in words alone ("certain localized infections - see body system-related chapters") cannot be
    resolved to codes and keeps nothing apart; neither does a range whose condition is not about
    characters of the code ("E08-E13 with ketoacidosis").
    """

    groups: Mapping[str, tuple[CodeRange, ...]] = field(default_factory=dict)  # chapters and blocks
    above: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # category: groups, widest first
    named: Mapping[NoteKind, Mapping[str, tuple[CodeRange, ...]]] = field(default_factory=dict)
    included: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # owner: its "includes"

    def excludes1(self, one: str, other: str) -> bool:
        """Whether the two may not be reported together (I.A.12.a).

        So it is when an Excludes1 note of either, of a header above it, of its block or of its
        chapter names the other. The guideline's exception, two conditions that have nothing to do
        with one another, is for the caller to know.
        """
        return self._apart(NoteKind.EXCLUDES1, one, other)

    def gives_way(self, one: str, other: str) -> bool:
        """Whether an Excludes1 note that holds for the one sends to the other instead (I.A.12.a)."""
        return self._names(NoteKind.EXCLUDES1, one, other)

    def excludes2(self, one: str, other: str) -> bool:
        """Whether the one does not include the other, so that both may be reported (I.A.12.b)."""
        return self._apart(NoteKind.EXCLUDES2, one, other)

    def code_first(self, code: str) -> tuple[CodeRange, ...]:
        """The underlying conditions that stand before this code where they are known (I.A.13).

        Empty for a code without such a note and for one whose note names no code.
        """
        return self._inherited(NoteKind.CODE_FIRST, code)

    def has_code_first(self, code: str) -> bool:
        """Whether a "code first" note holds for the code, named codes or not (I.A.13)."""
        return any(owner in self._of(NoteKind.CODE_FIRST) for owner in self._owners(code))

    def use_additional(self, code: str) -> tuple[CodeRange, ...]:
        """The codes that stand behind this one where the note supports them (I.A.13, I.B.7)."""
        return self._inherited(NoteKind.USE_ADDITIONAL, code)

    def includes(self, code: str) -> tuple[str, ...]:
        """What the tabular list says is included under the code or a header above it."""
        return tuple(t for owner in self._owners(code) for t in self.included.get(owner, ()))

    def block(self, code: str) -> str | None:
        """The narrowest block that a code stands in ("E08-E13"); None without any."""
        return next(reversed(self.above.get(code[:_CATEGORY], ())), None)

    def _apart(self, kind: NoteKind, one: str, other: str) -> bool:
        return self._names(kind, one, other) or self._names(kind, other, one)

    def _names(self, kind: NoteKind, code: str, other: str) -> bool:
        # A block's note can name codes of its own block: they are no stranger to themselves.
        notes = self._of(kind)
        return any(
            covered(other, notes[owner]) and not covered(code, notes[owner])
            for owner in self._owners(code)
            if owner in notes
        )

    def _inherited(self, kind: NoteKind, code: str) -> tuple[CodeRange, ...]:
        notes = self._of(kind)
        return tuple(one for owner in self._owners(code) for one in notes.get(owner, ()))

    def _of(self, kind: NoteKind) -> Mapping[str, tuple[CodeRange, ...]]:
        return self.named.get(kind, {})

    def _owners(self, code: str) -> Iterator[str]:
        """Where notes that hold for the code can stand, from its chapter down to itself."""
        category = code[:_CATEGORY]
        yield from (group for group in self.above.get(category, ()) if group != category)
        yield from (code[:end] for end in range(_CATEGORY, len(code) + 1))


def covers(code_range: CodeRange, code: str) -> bool:
    """Whether a code lies within a range, headers above its first code left out."""
    first, last, pattern = _parts(code_range)
    if not first <= code or code[: len(last)] > last:
        return False
    return pattern is None or pattern.fullmatch(code[_CATEGORY + 1 :]) is not None


def covered(code: str, ranges: Iterable[CodeRange]) -> bool:
    """Whether a code lies within any of the ranges."""
    return any(covers(one, code) for one in ranges)


def groups_above(
    groups: Mapping[str, tuple[CodeRange, ...]], categories: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """For each of the sorted categories its chapter and blocks, the widest first as in ``groups``."""
    found: dict[str, tuple[str, ...]] = {}
    for group, ranges in groups.items():
        for first, last, _ in map(_parts, ranges):
            low, high = bisect_left(categories, first), bisect_right(categories, last)
            for category in categories[low:high]:
                found[category] = (*found.get(category, ()), group)
    return found


@cache  # some 8,000 distinct ranges in a release
def _parts(code_range: CodeRange) -> tuple[str, str, re.Pattern[str] | None]:
    span, _, pattern = code_range.partition("~")
    first, _, last = span.partition("-")
    return first, last or first, re.compile(pattern) if pattern else None
