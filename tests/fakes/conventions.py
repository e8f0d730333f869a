"""A release's notes and edits as a test states them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from clinical_coding.code_edits import NO_EDITS, Edits
from clinical_coding.code_notes import CodeRange


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedConventions:
    """Meets Conventions: every code is billable but those that are said to be incomplete."""

    incomplete: Collection[str] = ()
    sides: Collection[tuple[str, str]] = ()
    pairs: Collection[tuple[str, str]] = ()
    firsts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    edited: Mapping[str, Edits] = field(default_factory=dict)

    def is_billable(self, code: str) -> bool:
        """Whether the test does not call the code incomplete."""
        return code not in self.incomplete

    def differ_in_side(self, one: str, other: str) -> bool:
        """Whether the test states the two as sides, in either order."""
        return (one, other) in self.sides or (other, one) in self.sides

    def excludes1(self, one: str, other: str) -> bool:
        """Whether the test states the pair, in either order."""
        return (one, other) in self.pairs or (other, one) in self.pairs

    def gives_way(self, one: str, other: str) -> bool:
        """Whether the test states the pair in this order."""
        return (one, other) in self.pairs

    def code_first(self, code: str) -> tuple[CodeRange, ...]:
        """What the test states for the code."""
        return tuple(map(CodeRange, self.firsts.get(code, ())))

    def edits(self, code: str) -> Edits:
        """What the test states for the code."""
        return self.edited.get(code, NO_EDITS)
