"""Was anything lost? Ids and counts over note topic, claims, dead letters and lake.

Every record of the note topic must be the source of one current claim or of one dead letter, and
every claim must be in the lake once. Records that the worker's group has not committed yet are in
flight, not missing. Only ids are held, as 16-byte digests.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass

from clinical_coding.errors import RejectedEventError
from runtime import kafka
from runtime.kafka import KafkaRecord, TopicReader
from runtime.settings import KafkaSettings
from schemas.claim_coded import ClaimCoded
from schemas.dead_letter import dead_letter_of
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text, topics
from schemas.wire import RecordReader, WriterSchemas

LISTED = 20  # missing records that are named; the rest is counted
Place = tuple[int, int]  # partition, offset in the note topic
Digest = bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingNote:
    """A record of the note topic with no outcome; ``note_id`` is None where it does not decode."""

    partition: int
    offset: int
    note_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """Counts by id; ``landed`` and ``not_landed`` are None where no lake was read.

    ``notes`` counts note versions, ``repeats`` records that say again what an earlier one said,
    ``doubled`` note versions with more than one claim, ``missing`` what has no outcome although
    the worker's group has gone past it.
    """

    notes: int
    claims: int
    dead_letters: int
    in_flight: int
    missing: int
    doubled: int
    repeats: int
    landed: int | None
    not_landed: int | None
    examples: tuple[MissingNote, ...]

    @property
    def is_complete(self) -> bool:
        """Nothing missing, doubled, in flight or not yet in the lake."""
        return not (self.in_flight or self.has_loss or self.not_landed)

    @property
    def has_loss(self) -> bool:
        """Something is missing or doubled, which waiting will not mend."""
        return bool(self.missing or self.doubled)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The claim topic by id."""

    notes: Mapping[Digest, int]  # note version: number of different claims
    event_ids: frozenset[Digest]
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What has become of notes; ``committed`` is the worker group's next offset per partition.

    ``landed`` has the event ids in the lake, None where no lake is looked at.
    """

    claims: Claims
    dead_letters: frozenset[Place]
    committed: Mapping[int, int]
    landed: Collection[str] | None


def reconcile_now(
    settings: KafkaSettings,
    group: str,
    schemas: WriterSchemas,
    read_landed: Callable[[], Collection[str]] | None,
) -> Reconciliation:
    """Read everything once and hold it together.

    Offsets are asked for before outcomes are read, so what comes in between
    is an outcome too many, never one too few; a note of that moment is in flight. Raises
    UnavailableError.
    """
    names = topics(settings.topic_prefix)
    place = kafka.committed(settings, group, names.notes.name)
    with closing(TopicReader(settings, names.dead_letters.name, "beginning")) as letters:
        dead_letters = read_dead_letters(letters.until_now())
    claim_decoder = RecordReader(ClaimCoded, schema_text("claim_coded.avsc"), schemas)
    with closing(TopicReader(settings, names.claims.name, "beginning")) as reader:
        claims = read_claims(reader.until_now(), claim_decoder)
    outcomes = Outcomes(
        claims=claims,
        dead_letters=dead_letters,
        committed=place,
        landed=read_landed() if read_landed else None,
    )
    note_decoder = RecordReader(NoteSigned, schema_text("note_signed.avsc"), schemas)
    with closing(TopicReader(settings, names.notes.name, "beginning")) as notes:
        return reconcile(notes.until_now(), note_decoder, outcomes)


def read_claims(records: Iterable[KafkaRecord], decoder: RecordReader[ClaimCoded]) -> Claims:
    """The ids of the claim topic; a record that is no claim counts as a record only."""
    events: set[Digest] = set()
    notes: dict[Digest, int] = {}
    total = 0
    for record in records:
        total += 1
        try:
            claim = decoder.decode(record.value)
        except RejectedEventError:
            continue
        event = _digest(claim.event_id)
        if event not in events:
            events.add(event)
            note = _digest(claim.note_id, claim.note_version)
            notes[note] = notes.get(note, 0) + 1
    return Claims(notes=notes, event_ids=frozenset(events), records=total)


def read_dead_letters(records: Iterable[KafkaRecord]) -> frozenset[Place]:
    """Where the dead letters come from; records without our headers are passed over."""
    places = set()
    for record in records:
        try:
            letter = dead_letter_of(record.headers)
        except (KeyError, ValueError):
            continue
        places.add((letter.source_partition, letter.source_offset))
    return frozenset(places)


def reconcile(
    notes: Iterable[KafkaRecord],
    decoder: RecordReader[NoteSigned],
    outcomes: Outcomes,
) -> Reconciliation:
    """Hold the note topic against its outcomes."""
    claims, landed = outcomes.claims, outcomes.landed
    versions: set[Digest] = set()
    refused: set[Place] = set()
    missing: list[MissingNote] = []
    in_flight = records = 0
    for record in notes:
        records += 1
        place = (record.partition, record.offset)
        if place in outcomes.dead_letters:
            refused.add(place)
            continue
        event = _decoded(record, decoder)
        key = _digest(event.note_id, event.note_version) if event else None
        versions.add(key or _digest(*place))
        if key in claims.notes:
            continue
        if record.offset >= outcomes.committed.get(record.partition, 0):
            in_flight += 1
        else:
            missing.append(_missing(record, event))
    found = None if landed is None else frozenset(map(_digest, landed))
    return Reconciliation(
        notes=len(versions) + len(refused),
        claims=len(claims.notes),
        dead_letters=len(refused),
        in_flight=in_flight,
        missing=len(missing),
        doubled=sum(count > 1 for count in claims.notes.values()),
        repeats=records - len(versions) - len(refused) + claims.records - len(claims.event_ids),
        landed=None if found is None else len(found & claims.event_ids),
        not_landed=None if found is None else len(claims.event_ids - found),
        examples=tuple(missing[:LISTED]),
    )


def _decoded(record: KafkaRecord, decoder: RecordReader[NoteSigned]) -> NoteSigned | None:
    try:
        return decoder.decode(record.value)
    except RejectedEventError:
        return None


def _missing(record: KafkaRecord, event: NoteSigned | None) -> MissingNote:
    return MissingNote(
        partition=record.partition,
        offset=record.offset,
        note_id=event.note_id if event else None,
    )


def _digest(*parts: object) -> Digest:
    name = "\x1f".join(map(str, parts)).encode()
    return hashlib.blake2b(name, digest_size=16).digest()
