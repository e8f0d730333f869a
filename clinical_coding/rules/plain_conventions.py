"""Conventions of a release whose tabular notes are not loaded: a few that combinations need."""

from dataclasses import dataclass

from clinical_coding.code_set import CodeSet
from clinical_coding.note import Sex

_CODE_FIRST = {
    "N18": ("E08.22", "E09.22", "E10.22", "E11.22", "E13.22", "I12", "I13"),
    "I50": ("I11.0", "I13.0", "I13.2"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoEdits:
    """For any patient, in any place on the claim."""

    sex: Sex | None = None
    ages: tuple[int, int] | None = None
    manifestation: bool = False
    unacceptable_principal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainConventions:
    """Meets Conventions."""

    code_set: CodeSet

    def is_billable(self, code: str) -> bool:
        """Whether the code is of this release and complete enough to submit."""
        return self.code_set.is_billable(code)

    def excludes1(self, one: str, other: str) -> bool:
        """No pair is known."""
        del one, other
        return False

    def code_first(self, code: str) -> tuple[str, ...]:
        """Heart failure and kidney disease after what they are combined with."""
        return _CODE_FIRST.get(code[:3], ())

    def edits(self, code: str) -> NoEdits:
        """None is known."""
        del code
        return NoEdits()
