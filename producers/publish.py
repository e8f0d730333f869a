"""Notes to the note topic: every acknowledgement counted, what cannot be sent said and left out."""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from typing_extensions import override

from clinical_coding.errors import BrokenContractError, BrokerError
from producers.pace import Pace
from runtime.clock import now
from runtime.kafka_topics import MAX_RECORD_BYTES
from runtime.progress import Progress, silent
from runtime.tracing import Record, Span, off
from schemas.cloud_events import cloud_event_headers
from schemas.note_rows import RejectedRow
from schemas.note_signed import NoteSigned
from schemas.sealed_text import TEXT_KEY_HEADER, TextStep, unsealed
from schemas.wire import RecordWriter

BESIDE_BYTES = 4096  # key, headers (a dead letter's too) and framing count towards the limit
ACKS_WITHIN_S = 65.0  # a little more than the sender gives one delivery
STEP_S = 0.2
NOTE = "note"  # the file of a note that came from none
Rejection = Callable[[RejectedRow], None]


class Sender(Protocol):
    """Where records go; KafkaSender is one."""

    acked: int

    @property
    def waiting(self) -> int:
        """Records that are queued or on their way."""

    def send(self, topic: str, key: str, value: bytes, headers: Mapping[str, bytes]) -> None:
        """Queue one record. Raises BrokerError when an earlier one has failed for good."""

    def flush(self, timeout_s: float) -> None:
        """Wait until the broker holds every record; BrokerError when it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What became of the notes: sent to the broker, held by it for good, refused before."""

    published: int
    acknowledged: int
    rejected: int

    @property
    def is_complete(self) -> bool:
        """Whether the broker holds every note that was given."""
        return not self.rejected and self.acknowledged == self.published

    @override
    def __str__(self) -> str:
        return (
            f"published {self.published}, acknowledged {self.acknowledged}, "
            f"rejected {self.rejected}"
        )


class Publisher:
    """Publishes notes to one topic, in their order, an encounter's to one partition.

    ``limit_bytes`` is the largest record that the topic takes, ``record`` gets a span a note. Whatever ends ``publish``, ``done``
    says how far it came. ``seal`` is done to each note before it is encoded.
    """

    def __init__(  # noqa: PLR0913 - one argument a part
        self,
        sender: Sender,
        topic: str,
        writer: RecordWriter[NoteSigned],
        limit_bytes: int = MAX_RECORD_BYTES,
        record: Record = off,
        seal: TextStep = unsealed,
    ) -> None:
        self._sender = sender
        self._topic = topic
        self._writer = writer
        self._limit = limit_bytes
        self._record = record
        self._seal = seal
        self._published = 0
        self._rejected = 0

    @property
    def done(self) -> Published:
        """The counts at this moment."""
        return Published(
            published=self._published, acknowledged=self._sender.acked, rejected=self._rejected
        )

    def publish(
        self,
        notes: Iterable[NoteSigned | RejectedRow],
        *,
        pace: Pace | None = None,
        progress: Progress = silent,
        total: int = 0,
        rejected: Rejection = lambda _: None,
    ) -> Published:
        """Send every note and return when the broker holds them all.

        A row that was refused already, or a note that the broker would not take, goes to
        ``rejected`` and counts. ``total`` is what ``progress`` shows, 0 for unknown. Raises
        BrokerError when a note is not acknowledged: those not counted must be published again.
        """
        for place, note in enumerate(notes, start=1):
            if pace:
                pace.wait()
            refused = note if isinstance(note, RejectedRow) else self._send(note, place)
            if refused:
                self._rejected += 1
                rejected(refused)
            progress("publish notes", place, total)
        self.settle(ACKS_WITHIN_S)
        return self.done

    def settle(self, within_s: float) -> None:
        """Wait for the acknowledgements of what was sent, in steps, so that Ctrl-C is heard.

        Raises BrokerError when some are missing after that time.
        """
        deadline = time.monotonic() + within_s
        while self._sender.waiting and time.monotonic() < deadline:
            with suppress(BrokerError):  # the last flush tells what is missing
                self._sender.flush(STEP_S)
        self._sender.flush(0)

    def _send(self, note: NoteSigned, place: int) -> RejectedRow | None:
        try:
            note = self._seal(note)
            value = self._writer.encode(note)
        except BrokenContractError as error:
            return RejectedRow(file=NOTE, line=place, reason=str(error))
        size = len(value) + len(note.encounter_id.encode()) + BESIDE_BYTES
        if size > self._limit:
            return RejectedRow(file=NOTE, line=place, reason=_too_large(size, self._limit))
        headers, began = self._headers(note), now()
        self._sender.send(self._topic, note.encounter_id, value, headers)
        self._published += 1
        self._record(_span(self._topic, headers["traceparent"], began, size))
        return None

    def _headers(self, note: NoteSigned) -> dict[str, bytes]:
        sealed = note.sealed_text
        return cloud_event_headers(
            event_id=f"{note.note_id}/{note.note_version}",
            event_type=self._topic,
            source=note.source,
            time=note.signed_at,
        ) | ({TEXT_KEY_HEADER: sealed.key_id.encode()} if sealed else {})


def _span(topic: str, own: bytes, began: datetime, size_bytes: int) -> Span:
    return Span(
        name="publish note",
        own=own,
        began=began,
        ended=now(),
        attributes={"topic": topic, "bytes": size_bytes},
    )


def _too_large(size_bytes: int, limit_bytes: int) -> str:
    return (
        f"expected a note event of at most {limit_bytes} bytes, the topic's limit; "
        f"got {size_bytes}; split the note or raise max.message.bytes of the topic"
    )
