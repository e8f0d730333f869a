"""Dead letters back to where they came from: the bytes untouched, each acknowledgement counted.

A record goes to the partition that it was read from, so an encounter's notes stay together, with the
letter's headers, so its attempts count on. When the broker holds it a mark goes to the dead-letter
topic. A redrive that dies between the two is to be repeated; the record then comes twice, which gives
the same claim or a further dead letter.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Protocol

from typing_extensions import override

from clinical_coding.errors import MisconfiguredError
from runtime.kafka import Headers, KafkaRecord
from runtime.kafka_topics import MAX_RECORD_BYTES
from runtime.progress import Progress, silent
from schemas.dead_letter import DeadLetter, dead_letter_of
from schemas.topics import Topics

AT_ONCE = 20  # on their way before the first is marked; each may be as large as a record can be
LARGEST_BYTES = 16 * MAX_RECORD_BYTES  # for the sender: the topic that had it once takes it again
ACKS_WITHIN_S = 65.0  # a little more than the sender gives one delivery


class Sender(Protocol):
    """Where records go; KafkaSender is one."""

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
        partition: int,
    ) -> None:
        """Queue one record. Raises BrokerError when an earlier one has failed for good."""

    def flush(self, timeout_s: float) -> None:
        """Wait until the broker holds every record; BrokerError when it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redriven:
    """How many were sent, and how many the broker holds and has the mark of."""

    sent: int
    acknowledged: int

    @override
    def __str__(self) -> str:
        return f"redriven {self.sent}, acknowledged {self.acknowledged}"


class Redriver:
    """Puts dead letters back. Whatever ends ``redrive``, ``done`` says how far it came."""

    def __init__(self, sender: Sender, topics: Topics, now: Callable[[], datetime]) -> None:
        self._sender = sender
        self._topics = topics
        self._now = now
        self.done = Redriven(sent=0, acknowledged=0)

    def redrive(
        self, letters: Iterable[KafkaRecord], progress: Progress = silent, total: int = 0
    ) -> Redriven:
        """Put each back, in order, and mark it; returns when the broker holds everything.

        Raises BrokerError when something is not acknowledged, MisconfiguredError for a letter from
        another topic than this deployment's.
        """
        waiting = iter(letters)
        while some := list(islice(waiting, AT_ONCE)):
            self._redrive_some([(record, self._letter(record)) for record in some])
            progress("redrive", self.done.acknowledged, total)
        return self.done

    def _redrive_some(self, some: Sequence[tuple[KafkaRecord, DeadLetter]]) -> None:
        notes = self._topics.notes.name
        for record, letter in some:
            self._sender.send(
                notes, record.key, record.value, record.raw_headers, letter.source_partition
            )
        self.done = replace(self.done, sent=self.done.sent + len(some))
        self._sender.flush(ACKS_WITHIN_S)
        for record, letter in some:
            self._mark(record, letter)
        self._sender.flush(ACKS_WITHIN_S)
        self.done = replace(self.done, acknowledged=self.done.acknowledged + len(some))

    def _mark(self, record: KafkaRecord, letter: DeadLetter) -> None:
        """Beside the letter, in its partition: who reads it has read the letter."""
        mark = replace(letter, redriven_at=self._now())
        topic, headers = self._topics.dead_letters.name, tuple(mark.headers().items())
        self._sender.send(topic, record.key, None, headers, record.partition)

    def _letter(self, record: KafkaRecord) -> DeadLetter:
        letter = dead_letter_of(record.headers)
        if letter.source_topic != self._topics.notes.name:
            raise MisconfiguredError(
                f"expected a dead letter from {self._topics.notes.name}; got one from another topic "
                f"at partition {record.partition} offset {record.offset}; check "
                "CMC_KAFKA_TOPIC_PREFIX"
            )
        return letter
