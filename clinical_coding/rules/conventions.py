"""What rules ask of the release in force: the notes and edits of its tabular list."""

from collections.abc import Iterable
from typing import Protocol

from clinical_coding.code_edits import Edits
from clinical_coding.code_notes import CodeRange


class Conventions(Protocol):
    """Met by CodeSet; a test needs no more than a few lines of its own."""

    def is_billable(self, code: str) -> bool:
        """Whether the code is of this release and complete enough to submit (I.B.2)."""

    def differ_in_side(self, one: str, other: str) -> bool:
        """Whether two codes say the same but for the side (I.B.13)."""

    def excludes1(self, one: str, other: str) -> bool:
        """Whether the two are never coded together, in either direction, inherited (I.A.12.a)."""

    def gives_way(self, one: str, other: str) -> bool:
        """Whether an Excludes1 note at the one, or above it, names the other (I.A.12.a)."""

    def code_first(self, code: str) -> Iterable[CodeRange]:
        """What the tabular list wants before this code (I.A.13, I.A.17)."""

    def edits(self, code: str) -> Edits:
        """For whom and where the code is refused (MCE)."""
