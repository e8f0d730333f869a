"""One micro-batch: raw records in, one record to send for each, in order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from clinical_coding.claim import Coding, Profile
from clinical_coding.errors import BrokenContractError, RejectedEventError, UnscorableNoteError
from clinical_coding.note import NoteStatus
from runtime.kafka_topics import MAX_RECORD_BYTES
from schemas.claim_coded import ClaimCoded, Timings
from schemas.cloud_events import cloud_event_headers, traceparent_of
from schemas.note_signed import NoteSigned
from schemas.topics import Topics
from schemas.wire import RecordReader, RecordWriter
from streams.claim import claim_of, withdrawal
from streams.dead_letters import dead_letter
from streams.failure_policy import code_or_reject, with_retries
from streams.note_coder import NoteCoder
from streams.records import Incoming, Outgoing, present

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
    """One record to send for one note: the claim, or the dead letter with its ``error_class``."""

    record: Outgoing
    claim: ClaimCoded | None = field(default=None, repr=False)
    error_class: str | None = None

    @property
    def refused(self) -> bool:
        """Whether it is a dead letter."""
        return self.claim is None


@dataclass(frozen=True, slots=True)
class EngineCall:
    """How many notes went through the engine together, and how long it took."""

    notes: int
    took_ms: float


def outcomes(batch: Sequence[Incoming], parts: Parts) -> tuple[Outcome, ...]:
    """What each record of the batch becomes, in order: a claim or a dead letter.

    Runs in a thread of its own: it waits for the model and, rarely, for the registry. Raises
    RegistryError when the registry stays away.
    """
    decoded = [_decode(record, parts) for record in batch]
    events = [event for event in decoded if isinstance(event, NoteSigned)]
    codings, call = _code(events, parts)
    in_order = iter(codings)
    return tuple(
        _outcome(record, event, next(in_order), call, parts)
        if isinstance(event, NoteSigned)
        else refusal(record, event, parts)
        for record, event in zip(batch, decoded, strict=True)
    )


def _decode(record: Incoming, parts: Parts) -> NoteSigned | RejectedEventError:
    if len(record.value or b"") > MAX_RECORD_BYTES:
        return BrokenContractError(
            f"expected a record of at most {MAX_RECORD_BYTES} bytes; got one that unpacks to "
            f"{len(record.value or b'')}; split the note"
        )
    try:
        return with_retries(lambda: parts.notes.decode(record.value))
    except RejectedEventError as error:
        return error


def _code(
    events: Sequence[NoteSigned], parts: Parts
) -> tuple[list[Coding | RejectedEventError], EngineCall]:
    """A coding for each event, in order, or why it can have none; one call of the engine.

    A retracted note is not coded: it has nothing to say any more.
    """
    notes = [event.note() for event in events if not _retracted(event)]
    began = parts.now()
    coded = iter(code_or_reject(notes, parts.coder, parts.profile))
    took_ms = (parts.now() - began).total_seconds() * 1000
    codings = [
        withdrawal(event, parts.coder, parts.profile) if _retracted(event) else next(coded)
        for event in events
    ]
    return codings, EngineCall(len(notes), took_ms)


def _retracted(event: NoteSigned) -> bool:
    return event.status is NoteStatus.RETRACTED


def _outcome(
    record: Incoming,
    event: NoteSigned,
    coding: Coding | RejectedEventError,
    call: EngineCall,
    parts: Parts,
) -> Outcome:
    if isinstance(coding, RejectedEventError):
        return refusal(record, coding, parts)
    timings = Timings(published_at=record.timestamp, batch_notes=call.notes, engine_ms=call.took_ms)
    claim = claim_of(event, coding, parts.coder, parts.now(), timings)
    try:
        return Outcome(record=_claim_record(record, claim, parts), claim=claim)
    except RejectedEventError as error:
        return refusal(record, error, parts)


def _claim_record(record: Incoming, claim: ClaimCoded, parts: Parts) -> Outgoing:
    """Raises UnscorableNoteError when the claim is larger than a record may be."""
    value = parts.claims.encode(claim)
    if len(value) > MAX_RECORD_BYTES:
        raise UnscorableNoteError(
            f"expected a claim of at most {MAX_RECORD_BYTES} bytes; got {len(value)} with "
            f"{len(claim.diagnoses)} codes; split the note"
        )
    topic = parts.topics.claims.name
    headers = cloud_event_headers(
        event_id=claim.event_id,
        event_type=topic,
        source=SOURCE,
        time=claim.coded_at,
        parent=traceparent_of(present(record.headers)),
    )
    key = claim.encounter_id.encode()
    return Outgoing(topic=topic, key=key, value=value, headers=tuple(headers.items()))


def refusal(record: Incoming, error: RejectedEventError, parts: Parts) -> Outcome:
    """The dead letter of a record."""
    letter = dead_letter(
        record,
        error,
        topic=parts.topics.dead_letters.name,
        worker=parts.worker_id,
        moment=parts.now(),
    )
    return Outcome(record=letter, error_class=type(error).__name__)
