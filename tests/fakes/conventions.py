"""A release's notes and edits as a test states them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from clinical_coding.note import Sex
from clinical_coding.rules.conventions import Edits


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedEdits:
    """Meets Edits."""

    sex: Sex | None = None
    ages: tuple[int, int] | None = None
    manifestation: bool = False
    unacceptable_principal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedConventions:
    """Meets Conventions: every code is billable but those that are said to be incomplete."""

    incomplete: Collection[str] = ()
    pairs: Collection[tuple[str, str]] = ()
    firsts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    edited: Mapping[str, StatedEdits] = field(default_factory=dict)

    def is_billable(self, code: str) -> bool:
        """Whether the test does not call the code incomplete."""
        return code not in self.incomplete

    def excludes1(self, one: str, other: str) -> bool:
        """Whether the test states the pair, in either order."""
        return (one, other) in self.pairs or (other, one) in self.pairs

    def code_first(self, code: str) -> tuple[str, ...]:
        """What the test states for the code."""
        return self.firsts.get(code, ())

    def edits(self, code: str) -> Edits:
        """What the test states for the code."""
        return self.edited.get(code, StatedEdits())
