"""Was anything lost? Ids and counts over note topic, claims, dead letters and lake.

Every record of the note topic must be the source of one current claim or of one dead letter, and
every claim must be in the lake. Records that the worker's group has not committed yet are in flight,
not missing. A record that was put back from the dead letters is judged by what became of it since. Of a
note only its id is held, as a 16-byte digest.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from clinical_coding.errors import RejectedEventError
from consumers.findings import Finding, name_finding
from consumers.hours import Cell, ClaimHour, NoteColumn, NoteHour, cell_of, claim_hours, note_hours
from runtime import kafka_topics
from runtime.kafka import KafkaRecord, TopicReader
from runtime.progress import Progress, counted
from runtime.settings import KafkaSettings
from schemas.claim_coded import ClaimCoded
from schemas.dead_letter import told_letter
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text, topics
from schemas.wire import RecordReader, WriterSchemas

Place = tuple[int, int]  # partition, offset in the note topic
Digest = bytes
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """Counts by id; notes = claims + dead letters + in flight + missing, whatever happened.

    ``notes`` counts the note versions in the topic, ``missing`` those with a record that the
    worker's group has gone past without an outcome. ``claim_events`` counts the claim topic's
    different claims: those of notes that the topic no longer keeps are among them; ``landed`` and
    ``not_landed`` say which are in the lake, None where none was read. ``doubled`` counts note
    versions with more than one claim that none of the same version superseded (a replay's do),
    ``repeats`` records that say again what an earlier one said.
    ``findings`` names the first of each kind, ``note_hours`` and ``claim_hours`` are the same counts by
    partition and hour.
    """

    notes: int
    claims: int
    dead_letters: int
    in_flight: int
    missing: int
    doubled: int
    repeats: int
    claim_events: int
    landed: int | None
    not_landed: int | None
    findings: tuple[Finding, ...]
    note_hours: tuple[NoteHour, ...] = ()
    claim_hours: tuple[ClaimHour, ...] = ()

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
    """The claim topic by id, held against the lake."""

    notes: Mapping[Digest, int]  # note version: number of claims that no other of it superseded
    records: int
    is_lake_read: bool
    hours: tuple[ClaimHour, ...]
    findings: tuple[Finding, ...]

    @property
    def events(self) -> int:
        """How many different claims."""
        return sum(hour.claim_events for hour in self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """Places in the note topic of what was refused, and of what has been put back since."""

    refused: frozenset[Place]
    redriven: frozenset[Place]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What has become of notes; ``committed`` is the worker group's next offset per partition."""

    claims: Claims
    letters: Letters
    committed: Mapping[int, int]


class Standing(IntEnum):
    """What can be said of a note version without a claim; of several records the worst counts."""

    REFUSED = 0
    IN_FLIGHT = 1
    MISSING = 2


COLUMNS: Mapping[Standing, NoteColumn] = {
    Standing.REFUSED: "dead_letters",
    Standing.IN_FLIGHT: "in_flight",
    Standing.MISSING: "missing",
}


def reconcile_now(
    settings: KafkaSettings,
    group: str,
    schemas: WriterSchemas,
    read_landed: Callable[[], Collection[str]] | None,
    progress: Progress,
) -> Reconciliation:
    """Read everything once and hold it together.

    Offsets are asked for before outcomes are read, and those before the notes, so what comes in
    between is in flight and never missing. A claim that comes while the lake is read counts as not
    landed. Raises UnavailableError.
    """
    names = topics(settings.topic_prefix)
    committed = kafka_topics.committed(settings, group, names.notes.name)
    landed = read_landed() if read_landed else None
    note_decoder = RecordReader(NoteSigned, schema_text("note_signed.avsc"), schemas)
    claim_decoder = RecordReader(ClaimCoded, schema_text("claim_coded.avsc"), schemas)

    def held(topic: str, what: str) -> Iterator[KafkaRecord]:
        with closing(TopicReader(settings, topic, "beginning")) as reader:
            yield from counted(reader.until_now(), what, progress)

    outcomes = Outcomes(
        claims=read_claims(held(names.claims.name, "claims read"), claim_decoder, landed),
        letters=read_letters(held(names.dead_letters.name, "dead letters read")),
        committed=committed,
    )
    return reconcile(held(names.notes.name, "notes read"), note_decoder, outcomes)


def read_claims(
    records: Iterable[KafkaRecord],
    decoder: RecordReader[ClaimCoded],
    landed: Collection[str] | None,
) -> Claims:
    """The ids of the claim topic; a record that is no claim is passed over."""
    in_lake = None if landed is None else frozenset(map(_digest, landed))
    events: set[Digest] = set()
    superseded: set[Digest] = set()
    notes: Counter[Digest] = Counter()
    doubled: list[Finding] = []
    not_landed: list[Finding] = []
    counted: Counter[Cell] = Counter()
    lacking: Counter[Cell] = Counter()
    total = 0
    for record in records:
        claim = _decoded(record, decoder)
        if claim is None:
            continue
        total += 1
        version = (claim.note_id, claim.note_version)
        event, note = _digest(*version, claim.event_id), _digest(*version)
        if event in events:
            continue
        events.add(event)
        counted[cell_of(record)] += 1
        notes[note] += event not in superseded
        earlier = _digest(*version, claim.supersedes)
        if claim.supersedes and earlier not in superseded:
            superseded.add(earlier)
            notes[note] -= earlier in events
        if notes[note] > 1:
            name_finding(doubled, "doubled", record, claim.note_id)
        if in_lake is not None and _digest(claim.event_id) not in in_lake:
            lacking[cell_of(record)] += 1
            name_finding(not_landed, "not landed", record, claim.note_id)
    return Claims(
        notes=notes,
        records=total,
        is_lake_read=in_lake is not None,
        hours=claim_hours(counted, None if in_lake is None else lacking),
        findings=(*doubled, *not_landed),
    )


def read_letters(records: Iterable[KafkaRecord]) -> Letters:
    """Where the dead letters come from; records without our headers are passed over."""
    found = [letter for record in records if (letter := told_letter(record.headers))]
    return Letters(
        refused=frozenset(letter.source for letter in found if letter.redriven_at is None),
        redriven=frozenset(letter.source for letter in found if letter.redriven_at is not None),
    )


def reconcile(
    notes: Iterable[KafkaRecord], decoder: RecordReader[NoteSigned], outcomes: Outcomes
) -> Reconciliation:
    """Hold the note topic against its outcomes."""
    claims = outcomes.claims
    claimed: set[Digest] = set()
    others: dict[Digest, tuple[Standing, Cell]] = {}
    counted: Counter[tuple[Cell, NoteColumn]] = Counter()
    missing: list[Finding] = []
    records = 0
    for record in notes:
        records += 1
        event = _decoded(record, decoder)
        place = (record.partition, record.offset)
        key = _digest(event.note_id, event.note_version) if event else _digest(*place)
        if key in claims.notes:
            if key not in claimed:
                counted[cell_of(record), "claims"] += 1
                claimed.add(key)
            continue
        if place in outcomes.letters.redriven:
            continue
        standing = _standing(place, outcomes)
        worst, cell = others.get(key, (standing, cell_of(record)))
        others[key] = (max(standing, worst), cell)
        if standing is Standing.MISSING:
            name_finding(missing, "missing", record, event.note_id if event else None)
    for standing, cell in others.values():
        counted[cell, COLUMNS[standing]] += 1
    return _told(note_hours(counted), claims, records, missing)


def _told(
    hours: tuple[NoteHour, ...], claims: Claims, records: int, missing: Sequence[Finding]
) -> Reconciliation:
    """The totals of the hours."""
    lacking = [hour.not_landed for hour in claims.hours if hour.not_landed is not None]
    notes = sum(hour.notes for hour in hours)
    return Reconciliation(
        notes=notes,
        claims=sum(hour.claims for hour in hours),
        dead_letters=sum(hour.dead_letters for hour in hours),
        in_flight=sum(hour.in_flight for hour in hours),
        missing=sum(hour.missing for hour in hours),
        doubled=sum(count > 1 for count in claims.notes.values()),
        repeats=records - notes + claims.records - claims.events,
        claim_events=claims.events,
        landed=claims.events - sum(lacking) if claims.is_lake_read else None,
        not_landed=sum(lacking) if claims.is_lake_read else None,
        findings=(*missing, *claims.findings),
        note_hours=hours,
        claim_hours=claims.hours,
    )


def _standing(place: Place, outcomes: Outcomes) -> Standing:
    partition, offset = place
    if place in outcomes.letters.refused:
        return Standing.REFUSED
    if offset >= outcomes.committed.get(partition, 0):
        return Standing.IN_FLIGHT
    return Standing.MISSING


def _decoded(record: KafkaRecord, decoder: RecordReader[R]) -> R | None:
    try:
        return decoder.decode(record.value)
    except RejectedEventError:
        return None


def _digest(*parts: object) -> Digest:
    name = "\x1f".join(map(str, parts)).encode()
    return hashlib.blake2b(name, digest_size=16).digest()
