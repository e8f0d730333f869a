"""Claims for people who consume the topic."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.claims import ClaimReader, start_of
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
    """Meets ClaimRecords with values that it was given."""

    values: list[bytes | None] = field(default_factory=list)

    def poll(self, limit: int, timeout_s: float) -> list[KafkaRecord]:  # noqa: ARG002 - nothing to wait for
        """The next values."""
        taken, self.values = self.values[:limit], self.values[limit:]
        return [_record(value) for value in taken]

    def until_now(self, timeout_s: float = 30.0) -> Iterator[KafkaRecord]:
        """All values."""
        yield from self.poll(len(self.values), timeout_s)


def _record(value: bytes | None) -> KafkaRecord:
    return KafkaRecord(
        topic="t", partition=0, offset=0, timestamp=NOW, key=None, value=value, headers={}
    )


def _value(note_id: str) -> bytes:
    return WRITER.encode(claim_event(note_id))


def test_a_claim_that_was_sent_again_is_given_once() -> None:
    records = FakeRecords([_value("a"), _value("b"), _value("a")])
    reader = ClaimReader(records, DECODER)

    assert [claim.note_id for claim in reader.until_now()] == ["a", "b"]
    records.values = [_value("b"), _value("c")]
    assert [claim.note_id for claim in reader.poll(0)] == ["c"]


@given(st.permutations(VERSIONS * 2))
def test_whatever_the_order_of_a_notes_versions_the_claim_given_last_is_that_of_the_newest(
    claims: list[ClaimCoded],
) -> None:
    """A late older version never replaces a newer claim, nor does a repeat; another note's is no matter."""
    other = claim_event("other")
    reader = ClaimReader(FakeRecords([WRITER.encode(c) for c in (*claims, other)]), DECODER)

    given_ = list(reader.until_now())

    of_note = [claim.note_version for claim in given_ if claim.note_id == "n"]
    assert of_note == sorted(set(of_note))
    assert of_note[-1] == len(VERSIONS)
    assert given_[-1] == other
    assert reader.outdated == len(VERSIONS) - len(of_note)


def test_what_is_no_claim_is_counted_and_passed_over() -> None:
    reader = ClaimReader(FakeRecords([None, b"garbage", _value("a")]), DECODER)

    assert [claim.note_id for claim in reader.until_now()] == ["a"]
    assert reader.undecodable == 2


def test_the_ids_that_are_remembered_are_bounded() -> None:
    """A reader that follows for months does not grow; the oldest ids go first."""
    records = FakeRecords([_value(name) for name in ("a", "b", "c", "a", "c")])

    reader = ClaimReader(records, DECODER, remembered=2)

    assert [claim.note_id for claim in reader.until_now()] == ["a", "b", "c", "a"]


@pytest.mark.parametrize("word", ["beginning", "end"])
def test_the_two_words_stand_for_themselves(word: str) -> None:
    assert start_of(word) == word


def test_a_moment_without_a_zone_is_local_and_anything_else_is_refused() -> None:
    assert start_of("2026-03-02T15:00:00+01:00") == datetime(2026, 3, 2, 14, tzinfo=UTC)
    assert start_of("2026-03-02T15:00") == datetime.fromisoformat("2026-03-02T15:00").astimezone()
    with pytest.raises(ValueError, match="Invalid isoformat"):
        start_of("yesterday")
