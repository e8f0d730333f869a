"""Claims for people who consume the topic."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.claims import ClaimConsumer, start_of
from runtime.kafka import KafkaRecord
from schemas.claim_coded import ClaimCoded
from schemas.topics import schema_text
from schemas.wire import RecordReader, RecordWriter
from tests.claims import claim_event, claims_of_versions
from tests.fakes.schemas import FakeWriterSchemas

SCHEMA = schema_text("claim_coded.avsc")
DECODER = RecordReader(ClaimCoded, SCHEMA, FakeWriterSchemas({1: SCHEMA}))
WRITER = RecordWriter(ClaimCoded, SCHEMA, 1)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
VERSIONS = claims_of_versions("n", 4, retracted=True)


@dataclass(slots=True)
class FakeRecords:
    """Meets ClaimRecords with the values it was given; remembers what was processed."""

    values: list[bytes | None] = field(default_factory=list)
    place: int = 0
    processed: list[int] = field(default_factory=list)
    is_closed: bool = False

    def poll(self, limit: int, timeout_s: float) -> list[KafkaRecord]:  # noqa: ARG002 - nothing to wait for
        """The next values."""
        taken = self.values[self.place : self.place + limit]
        records = [_record(value, self.place + n) for n, value in enumerate(taken)]
        self.place += len(taken)
        return records

    def ends(self) -> Mapping[int, int]:
        """How many there are now."""
        return {0: len(self.values)} if self.values else {}

    def is_short_of(self, ends: Mapping[int, int]) -> bool:
        """Whether there are more before that."""
        return self.place < ends.get(0, 0)

    def process(self, record: KafkaRecord) -> None:
        """Remember it."""
        self.processed.append(record.offset)

    def close(self) -> None:
        """Leave."""
        self.is_closed = True


def _record(value: bytes | None, offset: int) -> KafkaRecord:
    return KafkaRecord(
        topic="t", partition=0, offset=offset, timestamp=NOW, key=None, value=value, headers={}
    )


def _value(note_id: str) -> bytes:
    return WRITER.encode(claim_event(note_id))


def _consumer(records: FakeRecords, encounters: Sequence[str] = ()) -> ClaimConsumer:
    return ClaimConsumer(records, DECODER, processed=records.process, encounters=encounters)


def test_a_claim_that_was_sent_again_is_given_once() -> None:
    records = FakeRecords([_value("a"), _value("b"), _value("a")])
    claims = _consumer(records)

    assert [claim.note_id for claim in claims.until_now()] == ["a", "b"]
    records.values += [_value("b"), _value("c")]
    assert [claim.note_id for claim in claims.until_now()] == ["c"]


@given(st.permutations(VERSIONS * 2))
def test_whatever_the_order_of_a_notes_versions_the_claim_given_last_is_that_of_the_newest(
    claims: list[ClaimCoded],
) -> None:
    """A late older version never replaces a newer claim, nor does a repeat; another note's is no matter."""
    other = claim_event("other")
    reader = ClaimConsumer(FakeRecords([WRITER.encode(c) for c in (*claims, other)]), DECODER)

    given_ = list(reader.until_now())

    of_note = [claim.note_version for claim in given_ if claim.note_id == "n"]
    assert of_note == sorted(set(of_note))
    assert of_note[-1] == len(VERSIONS)
    assert given_[-1] == other
    assert reader.outdated == len(VERSIONS) - len(of_note)


def test_what_is_no_claim_is_counted_and_passed_over() -> None:
    claims = _consumer(FakeRecords([None, b"garbage", _value("a")]))

    assert [claim.note_id for claim in claims.until_now()] == ["a"]
    assert claims.undecodable == 2


def test_the_ids_that_are_remembered_are_bounded() -> None:
    """A consumer that follows for months does not grow; the oldest ids go first."""
    records = FakeRecords([_value(name) for name in ("a", "b", "c", "a", "c")])

    claims = ClaimConsumer(records, DECODER, remembered=2)

    assert [claim.note_id for claim in claims.until_now()] == ["a", "b", "c", "a"]


def test_a_claim_is_processed_when_the_next_one_is_asked_for() -> None:
    """So are the records before it that were passed over."""
    records = FakeRecords([b"garbage", _value("a"), _value("a"), _value("b")])
    following = iter(_consumer(records))

    next(following)
    assert records.processed == [0]
    next(following)
    assert records.processed == [0, 1, 2]


def test_an_error_in_the_block_leaves_the_claim_in_hand_unprocessed() -> None:
    records = FakeRecords([_value("a"), _value("b")])

    def process() -> None:
        with _consumer(records) as claims:
            for claim in claims:
                if claim.note_id == "b":
                    raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        process()

    assert (records.processed, records.is_closed) == ([0], True)


def test_leaving_the_block_without_an_error_processes_the_claim_in_hand() -> None:
    """A break is no error, and what was not given yet is neither processed nor lost."""
    records = FakeRecords([_value("a"), _value("b"), _value("c")])

    with _consumer(records) as claims:
        for _ in claims:
            break
        assert claims.take(0) is not None

    assert records.processed == [0, 1]


def test_of_encounters_that_are_named_only_their_claims_are_given() -> None:
    records = FakeRecords([_value("a"), _value("b")])

    assert list(_consumer(records, ["another"]).until_now()) == []
    assert records.processed == [0, 1]
    assert len(list(_consumer(FakeRecords(records.values), ["encounter-1"]).until_now())) == 2


def test_claims_of_older_and_newer_schemas_come_as_the_same_type() -> None:
    """A field that this version does not know is dropped, one that was not there has its default."""
    plain = json.loads(SCHEMA)
    plain["fields"].append({"name": "new", "type": ["null", "string"], "default": None})
    newer = json.dumps(plain)
    plain["fields"] = [f for f in plain["fields"] if f["name"] not in ("new", "warnings")]
    older = json.dumps(plain)
    decoder = RecordReader(ClaimCoded, SCHEMA, FakeWriterSchemas({7: older, 8: newer}))
    values: list[bytes | None] = [
        RecordWriter(ClaimCoded, text, schema_id).encode(claim_event(note_id))
        for note_id, schema_id, text in (("old", 7, older), ("new", 8, newer))
    ]

    found = list(ClaimConsumer(FakeRecords(values), decoder).until_now())

    assert found == [claim_event("old"), claim_event("new")]


@pytest.mark.parametrize("word", ["beginning", "end"])
def test_the_two_words_stand_for_themselves(word: str) -> None:
    assert start_of(word) == word


def test_a_moment_without_a_zone_is_local_and_anything_else_is_refused() -> None:
    assert start_of("2026-03-02T15:00:00+01:00") == datetime(2026, 3, 2, 14, tzinfo=UTC)
    assert start_of("2026-03-02T15:00") == datetime.fromisoformat("2026-03-02T15:00").astimezone()
    with pytest.raises(ValueError, match="Invalid isoformat"):
        start_of("yesterday")
