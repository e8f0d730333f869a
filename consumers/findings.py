"""Records that reconciliation names."""

from dataclasses import dataclass
from typing import Literal

from runtime.kafka import KafkaRecord

LISTED = 20  # findings of one kind that are named; the rest is counted
Problem = Literal["missing", "doubled", "not landed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A record that something is wrong with; ``note_id`` is None where it does not decode."""

    problem: Problem
    topic: str
    partition: int
    offset: int
    note_id: str | None


def name_finding(
    found: list[Finding], problem: Problem, record: KafkaRecord, note_id: str | None
) -> None:
    """Add the record to the findings of its kind unless there are enough."""
    if len(found) < LISTED:
        found.append(
            Finding(
                problem=problem,
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                note_id=note_id,
            )
        )
