"""Where and when: what reconciliation counts, for each partition and hour."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from runtime.kafka import KafkaRecord

Cell = tuple[int, datetime]  # partition, beginning of the hour in UTC, by Kafka's timestamp
NoteColumn = Literal["claims", "dead_letters", "in_flight", "missing"]
COLUMNS: tuple[NoteColumn, ...] = get_args(NoteColumn)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteHour:
    """Note versions whose first record is in this partition and hour, and what became of them."""

    partition: int
    hour: datetime
    notes: int
    claims: int
    dead_letters: int
    in_flight: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimHour:
    """Different claims of this partition and hour of the claim topic; None where no lake was read."""

    partition: int
    hour: datetime
    claim_events: int
    landed: int | None
    not_landed: int | None


def cell_of(record: KafkaRecord) -> Cell:
    """The partition and hour of a record."""
    return record.partition, record.timestamp.replace(minute=0, second=0, microsecond=0)


def note_hours(counted: Counter[tuple[Cell, NoteColumn]]) -> tuple[NoteHour, ...]:
    """The rows, by hour and partition."""
    return tuple(
        NoteHour(
            partition=cell[0],
            hour=cell[1],
            notes=sum(counted[cell, column] for column in COLUMNS),
            claims=counted[cell, "claims"],
            dead_letters=counted[cell, "dead_letters"],
            in_flight=counted[cell, "in_flight"],
            missing=counted[cell, "missing"],
        )
        for cell in _in_order({cell for cell, _ in counted})
    )


def claim_hours(events: Counter[Cell], lacking: Counter[Cell] | None) -> tuple[ClaimHour, ...]:
    """The rows, by hour and partition; ``lacking`` counts the events that the lake has not."""
    return tuple(
        ClaimHour(
            partition=cell[0],
            hour=cell[1],
            claim_events=events[cell],
            landed=None if lacking is None else events[cell] - lacking[cell],
            not_landed=None if lacking is None else lacking[cell],
        )
        for cell in _in_order(events)
    )


def span_not_landed(hours: Iterable[ClaimHour]) -> tuple[datetime, datetime] | None:
    """From the first hour with a claim that the lake lacks to the end of the last; None without one."""
    found = [hour.hour for hour in hours if hour.not_landed]
    return (min(found), max(found) + HOUR) if found else None


def _in_order(cells: Iterable[Cell]) -> list[Cell]:
    return sorted(cells, key=lambda cell: (cell[1], cell[0]))
