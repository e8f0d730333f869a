"""One micro-batch: raw records in, one record to send for each, in order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from clinical_coding.claim import Coding, Profile
from clinical_coding.errors import RejectedEventError
from schemas.claim_coded import ClaimCoded, Timings
from schemas.cloud_events import cloud_event_headers, traceparent_of
from schemas.dead_letter import DeadLetter
from schemas.note_signed import NoteSigned
from schemas.topics import Topics
from schemas.wire import RecordReader, RecordWriter
from streams.claim import claim_of
from streams.failure_policy import code_or_reject, with_retries
from streams.note_coder import NoteCoder
from streams.records import Incoming, Outgoing

SOURCE = "codemychart/worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the worker works with; ``worker_id`` names this process in dead letters."""

    topics: Topics
    notes: RecordReader[NoteSigned] = field(repr=False)
    claims: RecordWriter[ClaimCoded] = field(repr=False)
    coder: NoteCoder
    profile: Profile
    worker_id: str
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One record to send for one note; ``refused`` says that it is a dead letter."""

    record: Outgoing
    refused: bool


def outcomes(batch: Sequence[Incoming], parts: Parts) -> tuple[Outcome, ...]:
    """What each record of the batch becomes, in order: a claim or a dead letter.

    Runs in a thread of its own: it waits for the model and, rarely, for the registry. Raises
    RegistryError when the registry stays away.
    """
    decoded = [_decode(record, parts) for record in batch]
    events = [event for event in decoded if isinstance(event, NoteSigned)]
    began = parts.now()
    codings = iter(code_or_reject([e.note() for e in events], parts.coder, parts.profile))
    engine_ms = (parts.now() - began).total_seconds() * 1000
    return tuple(
        _outcome(record, event, next(codings), parts, Batch(len(events), engine_ms))
        if isinstance(event, NoteSigned)
        else _refusal(record, event, parts)
        for record, event in zip(batch, decoded, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Batch:
    """How many notes went through the engine together, and how long it took."""

    notes: int
    engine_ms: float


def _decode(record: Incoming, parts: Parts) -> NoteSigned | RejectedEventError:
    try:
        return with_retries(lambda: parts.notes.decode(record.value))
    except RejectedEventError as error:
        return error


def _outcome(
    record: Incoming,
    event: NoteSigned,
    coding: Coding | RejectedEventError,
    parts: Parts,
    batch: Batch,
) -> Outcome:
    if isinstance(coding, RejectedEventError):
        return _refusal(record, coding, parts)
    timings = Timings(
        published_at=record.timestamp, batch_notes=batch.notes, engine_ms=batch.engine_ms
    )
    claim = claim_of(event, coding, parts.coder, parts.now(), timings)
    try:
        value = parts.claims.encode(claim)
    except RejectedEventError as error:
        return _refusal(record, error, parts)
    headers = cloud_event_headers(
        event_id=claim.event_id,
        event_type=parts.topics.claims.name,
        source=SOURCE,
        time=claim.coded_at,
        parent=traceparent_of(record.headers),
    )
    key = claim.encounter_id.encode()
    topic = parts.topics.claims.name
    return Outcome(
        record=Outgoing(topic=topic, key=key, value=value, headers=headers), refused=False
    )


def _refusal(record: Incoming, error: RejectedEventError, parts: Parts) -> Outcome:
    """The record as a dead letter: key, value and headers untouched, ours beside them."""
    moment = parts.now()
    letter = DeadLetter(
        source_topic=record.topic,
        source_partition=record.partition,
        source_offset=record.offset,
        error_class=type(error).__name__,
        worker=parts.worker_id,
        first_seen=moment,
        last_seen=moment,
        attempt=1,
    )
    headers = dict(record.headers) | letter.headers()
    topic = parts.topics.dead_letters.name
    return Outcome(
        record=Outgoing(topic=topic, key=record.key, value=record.value, headers=headers),
        refused=True,
    )
