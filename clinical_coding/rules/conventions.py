"""What rules ask of the release in force: the notes and edits of its tabular list."""

from typing import Protocol

from clinical_coding.note import Sex


class Edits(Protocol):
    """What the Medicare Code Editor knows of a code."""

    @property
    def sex(self) -> Sex | None:
        """The only sex that the code is for; None where it is for any."""

    @property
    def ages(self) -> tuple[int, int] | None:
        """The ages in years that the code is for, both included; None where it is for any."""

    @property
    def manifestation(self) -> bool:
        """Whether it names only what another disease does, so that it is never first (I.A.13)."""

    @property
    def unacceptable_principal(self) -> bool:
        """Whether it explains no admission to hospital."""


class Conventions(Protocol):
    """Met by CodeSet; a test needs no more than a few lines of its own."""

    def is_billable(self, code: str) -> bool:
        """Whether the code is of this release and complete enough to submit (I.B.2)."""

    def excludes1(self, one: str, other: str) -> bool:
        """Whether the two are never coded together, in either direction, inherited (I.A.12.a)."""

    def code_first(self, code: str) -> tuple[str, ...]:
        """The beginnings of codes that the tabular list wants before this one (I.A.13, I.A.17)."""

    def edits(self, code: str) -> Edits:
        """The code's edits."""
