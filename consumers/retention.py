"""Days of the lake whose retention is over: which they are, and their removal.

By date of service, whole days. Places of refused records say nothing of a patient and stay.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from clinical_coding.errors import StorageError
from consumers.lake_objects import Objects
from consumers.lake_rounds import COMPACTED, files_with_rows, rounds_of
from consumers.landing.columns import CLAIMS, DIAGNOSES

# Claims first: a claim that a reader sees has its diagnoses.
TREES = (
    CLAIMS.name,
    f"{COMPACTED}/{CLAIMS.name}",
    DIAGNOSES.name,
    f"{COMPACTED}/{DIAGNOSES.name}",
)
DAY = f"{CLAIMS.partition.name}="


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """Files of the days before ``before``, in the order in which they are to go, by day."""

    before: date
    files: Mapping[str, date]

    @property
    def days(self) -> list[date]:
        """Each once, in order."""
        return sorted(set(self.files.values()))


def expired(objects: Objects, before: date) -> Expired:
    """What the lake has of days before this one. Raises StorageError."""
    names = (name for tree in TREES for name in files_with_rows(objects, tree))
    days = {name: _day_of(name) for name in names}
    return Expired(before=before, files={name: day for name, day in days.items() if day < before})


def remove(objects: Objects, found: Expired, record: Callable[[list[str]], None]) -> None:
    """Remove them after ``record`` was told the days; killed on the way, the rest is found by the next.

    Raises StorageError also while a compaction is under way: it might write such rows anew.
    """
    number = rounds_of(objects).unfinished
    if number is not None:
        raise StorageError(
            f"expected no compaction under way; got round {number}; nothing was removed: wait for it "
            "or finish it with `codemychart lake compact`, then try again"
        )
    record([day.isoformat() for day in found.days])
    objects.delete(list(found.files))


def _day_of(name: str) -> date:
    return date.fromisoformat(PurePosixPath(name).parent.name.removeprefix(DAY))
