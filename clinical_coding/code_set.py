"""An ICD-10-CM release as a value: its codes, their titles, and the days it is in force."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from clinical_coding.code_edits import NO_EDITS, Edits
from clinical_coding.code_notes import CodeNotes, CodeRange
from clinical_coding.note import IcdCode
from clinical_coding.words import content_words

ENCOUNTER = re.compile(r", (initial encounter|subsequent encounter|sequela).*$")
_SIDE = re.compile(r",? ?\b(?:right|left|bilateral|unspecified side|unspecified)\b", re.IGNORECASE)
_AFTER_ANY_CODE = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEntry:
    """One line of the tabular list.

    ``billable`` says that the code is complete enough to submit (I.B.2); ``chapter`` is 1..22;
    ``parent`` is the code one level up, None for a category.
    """

    code: IcdCode
    title: str
    billable: bool
    chapter: int
    parent: IcdCode | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CodeSet:
    """Every code of one release, in tabular (sorted) order, as columns of equal length.

    Columns and not objects: 97,000 entries load in a fraction of a second and stay small. In force
    from ``valid_from`` to ``valid_until``, both days included. Two sets are equal only if they are one
    object, so that a set can key a cache.
    """

    version: str
    valid_from: date
    valid_until: date
    codes: tuple[IcdCode, ...] = field(repr=False)
    titles: tuple[str, ...] = field(repr=False)
    chapters: bytes = field(repr=False)  # 1..22 for each code
    billable_flags: bytes = field(repr=False)  # 0 or 1 for each code
    notes: CodeNotes = field(repr=False, default_factory=CodeNotes)
    edits_of: Mapping[str, Edits] = field(
        repr=False, default_factory=dict
    )  # of codes that have any
    hcc_of: Mapping[str, str] = field(repr=False, default_factory=dict)

    def __len__(self) -> int:
        return len(self.codes)

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and self._position(code) is not None

    def entry(self, code: str) -> CodeEntry:
        """The entry of a code of this release; KeyError for any other."""
        at = self._position(code)
        if at is None:
            raise KeyError(code)
        return CodeEntry(
            code=self.codes[at],
            title=self.titles[at],
            billable=bool(self.billable_flags[at]),
            chapter=self.chapters[at],
            parent=self._parent(code),
        )

    def title(self, code: str) -> str:
        """The title of a code of this release; KeyError for any other."""
        at = self._position(code)
        if at is None:
            raise KeyError(code)
        return self.titles[at]

    def is_billable(self, code: str) -> bool:
        """Whether the code is of this release and complete enough to submit (I.B.2)."""
        at = self._position(code)
        return at is not None and bool(self.billable_flags[at])

    def billable(self) -> Iterator[tuple[IcdCode, str]]:
        """Every code that can be submitted, with its title, in tabular order."""
        columns = zip(self.codes, self.titles, self.billable_flags, strict=True)
        return ((code, title) for code, title, flag in columns if flag)

    def billable_under(self, code: str) -> tuple[IcdCode, ...]:
        """The code itself, if it can be submitted, and every such code below it."""
        first = bisect_left(self.codes, code)
        end = bisect_left(self.codes, code + _AFTER_ANY_CODE, first)
        return tuple(self.codes[at] for at in range(first, end) if self.billable_flags[at])

    def sides_of(self, code: str) -> tuple[IcdCode, ...]:
        """The billable codes that say the same but for side and kind of encounter, this one included."""
        above = self._parent(code)
        if above is not None and ENCOUNTER.search(self.title(code)):
            above = self._parent(above)  # the seventh character comes behind the side
        words = _plain_words(self.title(code))
        beside = self.billable_under(above or code)
        return tuple(leaf for leaf in beside if _plain_words(self.title(leaf)) == words)

    def differ_in_side(self, one: str, other: str) -> bool:
        """Whether two codes say the same but for the side (I.B.13)."""
        if one == other or one[:3] != other[:3]:
            return False
        kinds = [ENCOUNTER.findall(self.title(code)) for code in (one, other)]
        return kinds[0] == kinds[1] and other in self.sides_of(one)

    def edits(self, code: str) -> Edits:
        """For whom and where the code is refused (Medicare Code Editor)."""
        return self.edits_of.get(code, NO_EDITS)

    def hcc(self, code: str) -> str | None:
        """The CMS-HCC V28 payment category ("37"), of a code in two of them both ("37,263")."""
        return self.hcc_of.get(code)

    def excludes1(self, one: str, other: str) -> bool:
        """Whether the two may not be reported together (I.A.12.a); see CodeNotes.excludes1."""
        return self.notes.excludes1(one, other)

    def gives_way(self, one: str, other: str) -> bool:
        """Whether a note at the one says to code the other instead; see CodeNotes.gives_way."""
        return self.notes.gives_way(one, other)

    def excludes2(self, one: str, other: str) -> bool:
        """Whether the one does not include the other, so that both may be reported (I.A.12.b)."""
        return self.notes.excludes2(one, other)

    def code_first(self, code: str) -> tuple[CodeRange, ...]:
        """What stands before this code where it is known (I.A.13); see CodeNotes.code_first."""
        return self.notes.code_first(code)

    def use_additional(self, code: str) -> tuple[CodeRange, ...]:
        """What stands behind this code where the note supports it (I.A.13, I.B.7)."""
        return self.notes.use_additional(code)

    def is_in_force(self, day: date) -> bool:
        """Whether this release picks the codes of a visit on that day."""
        return self.valid_from <= day <= self.valid_until

    def _position(self, code: str) -> int | None:
        at = bisect_left(self.codes, code)
        return at if at < len(self.codes) and self.codes[at] == code else None

    def _parent(self, code: str) -> IcdCode | None:
        # A code extends its parent, perhaps over placeholders: W00.0XXA is below W00.0.
        shorter = (IcdCode(code[:end].rstrip(".")) for end in range(len(code) - 1, 2, -1))
        return next((parent for parent in shorter if parent in self), None)


@lru_cache(maxsize=32_768)
def plain_text(title: str) -> str:
    """A title without its side and kind of encounter: what leaves that differ only in it share."""
    return " ".join(_SIDE.sub("", ENCOUNTER.sub("", title)).strip(" ,").split())


@lru_cache(maxsize=32_768)
def _plain_words(title: str) -> tuple[str, ...]:
    """Its words in normal spelling: one limb, both limbs."""
    return tuple(content_words(plain_text(title)))


def code_set_for(day: date, code_sets: Iterable[CodeSet]) -> CodeSet | None:
    """The release in force on the date of service; None where none that is loaded is.

    Of two the one that begins later: an April update replaces the rest of its fiscal year's release.
    """
    in_force = (code_set for code_set in code_sets if code_set.is_in_force(day))
    return max(in_force, key=lambda code_set: code_set.valid_from, default=None)
