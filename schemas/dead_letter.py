"""Why a record was refused: metadata that travels as headers beside the untouched bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

HEADER_PREFIX = "dlq_"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """Where a refused record came from and what refused it; fields as in ``avro/dead_letter.avsc``."""

    source_topic: str
    source_partition: int
    source_offset: int
    error_class: str
    worker: str
    first_seen: datetime
    last_seen: datetime
    attempt: int
    left_bytes: int | None = None
    redriven_at: datetime | None = None

    @property
    def source(self) -> tuple[int, int]:
        """Partition and offset in the source topic: what a refused record is known by."""
        return self.source_partition, self.source_offset

    def headers(self) -> dict[str, bytes]:
        """The fields as Kafka headers, each ``dlq_<field>`` in UTF-8, times in ISO 8601, none for null."""
        words = {
            "source_topic": self.source_topic,
            "source_partition": str(self.source_partition),
            "source_offset": str(self.source_offset),
            "error_class": self.error_class,
            "worker": self.worker,
            "first_seen": self.first_seen.isoformat(),
            "last_seen": self.last_seen.isoformat(),
            "attempt": str(self.attempt),
        }
        if self.left_bytes is not None:
            words["left_bytes"] = str(self.left_bytes)
        if self.redriven_at is not None:
            words["redriven_at"] = self.redriven_at.isoformat()
        return {HEADER_PREFIX + name: word.encode() for name, word in words.items()}


def dead_letter_of(headers: Mapping[str, bytes]) -> DeadLetter:
    """The dead letter that these headers describe; KeyError or ValueError if they are not ours."""
    word = {
        name.removeprefix(HEADER_PREFIX): raw.decode()
        for name, raw in headers.items()
        if name.startswith(HEADER_PREFIX)
    }
    return DeadLetter(
        source_topic=word["source_topic"],
        source_partition=int(word["source_partition"]),
        source_offset=int(word["source_offset"]),
        error_class=word["error_class"],
        worker=word["worker"],
        first_seen=datetime.fromisoformat(word["first_seen"]),
        last_seen=datetime.fromisoformat(word["last_seen"]),
        attempt=int(word["attempt"]),
        left_bytes=int(word["left_bytes"]) if "left_bytes" in word else None,
        redriven_at=datetime.fromisoformat(word["redriven_at"]) if "redriven_at" in word else None,
    )


def told_letter(headers: Mapping[str, bytes]) -> DeadLetter | None:
    """The dead letter that these headers describe, None where they are not ours."""
    try:
        return dead_letter_of(headers)
    except (KeyError, ValueError):
        return None
