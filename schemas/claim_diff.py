"""What a replay would change, as its report `diff.json` tells it: counts and the claims that change most.

A code is ``added`` (in the replay's claim alone), ``removed`` (in the current one alone), ``reordered``
(in both; among the codes that both have it stands elsewhere) or ``same``. A code of both may have
another band. A note version is the same when all its codes are and no band is another.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteCounts:
    """Note versions: ``compared`` have a current claim, ``without_claim`` have none to compare with.

    Of those compared ``same`` have the same codes in the same order and bands; the others may be in
    several of the counts after it.
    """

    compared: int
    same: int
    with_added: int
    with_removed: int
    with_reordered: int
    with_other_band: int
    with_other_first_code: int
    without_claim: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeCounts:
    """Codes of one kind on the claims that were compared."""

    name: str
    before: int
    after: int
    same: int
    added: int
    removed: int
    reordered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BandCount:
    """Codes that were in the one band and are in the other; ``none`` where a claim has not the code."""

    before: str
    after: str
    codes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedNote:
    """One note version whose claim would change."""

    note_id: str
    note_version: int
    encounter_id: str
    codes_before: tuple[str, ...]
    codes_after: tuple[str, ...]
    added: int
    removed: int
    reordered: int
    rebanded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDiff:
    """Everything that is told of a replay; the groups that changed most come first."""

    notes: NoteCounts
    codes: CodeCounts
    by_code: tuple[CodeCounts, ...]
    by_chapter: tuple[CodeCounts, ...]
    by_hcc: tuple[CodeCounts, ...]
    bands: tuple[BandCount, ...]
    most_changed: tuple[ChangedNote, ...]

    @property
    def is_empty(self) -> bool:
        """Whether every note has a current claim and the replay says the same."""
        return self.notes.same == self.notes.compared and not self.notes.without_claim
