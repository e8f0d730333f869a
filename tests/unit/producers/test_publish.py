"""Publishing: what is counted, what is left out, what a record carries."""

import pytest

from clinical_coding.errors import BrokerError
from producers.pace import Pace
from producers.publish import Publisher
from runtime.kafka_topics import MAX_RECORD_BYTES
from runtime.tracing import Span
from schemas.note_rows import RejectedRow
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text
from schemas.wire import RecordReader, RecordWriter
from tests.fakes.schemas import FakeWriterSchemas
from tests.fakes.sender import FakeSender
from tests.notes import note_event

CONTRACT = schema_text("note_signed.avsc")


def publisher(sender: FakeSender) -> Publisher:
    return Publisher(sender, "notes", RecordWriter(NoteSigned, CONTRACT, 7))


def test_every_note_is_sent_under_its_encounter_and_read_back_the_same() -> None:
    notes = [note_event(note_id=f"n{n}", encounter_id=f"e{n % 2}") for n in range(5)]
    sender = FakeSender()

    done = publisher(sender).publish(notes)

    reader = RecordReader(NoteSigned, CONTRACT, FakeWriterSchemas({7: CONTRACT}))
    assert [reader.decode(value) for _, _, value, _ in sender.sent] == notes
    assert [key for _, key, _, _ in sender.sent] == [note.encounter_id for note in notes]
    assert str(done) == "published 5, acknowledged 5, rejected 0"
    assert done.is_complete


def test_a_record_carries_cloud_events_headers_and_a_trace() -> None:
    sender = FakeSender()

    publisher(sender).publish([note_event(note_id="n1", version=3)])

    headers = sender.sent[0][3]
    assert headers["ce_id"] == b"n1/3"
    assert headers["ce_type"] == b"notes"
    assert len(headers["traceparent"].split(b"-")) == 4


def test_a_notes_span_is_the_one_that_its_header_names_and_says_nothing_of_it() -> None:
    sender, told = FakeSender(), list[Span]()
    writer = RecordWriter(NoteSigned, CONTRACT, 7)

    Publisher(sender, "notes", writer, record=told.append).publish([note_event("a secret")])

    assert [span.own for span in told] == [sender.sent[0][3]["traceparent"]]
    assert told[0].attributes.keys() == {"topic", "bytes"}


def test_rejected_rows_are_told_and_counted_and_the_rest_is_published() -> None:
    bad = RejectedRow(file="f", line=2, reason="no text")
    told: list[RejectedRow] = []

    done = publisher(FakeSender()).publish([note_event(), bad, note_event()], rejected=told.append)

    assert told == [bad]
    assert str(done) == "published 2, acknowledged 2, rejected 1"
    assert not done.is_complete


@pytest.mark.parametrize("limit", [20_000, MAX_RECORD_BYTES])
def test_a_note_above_the_brokers_limit_is_rejected_with_the_limit_in_words(limit: int) -> None:
    told: list[RejectedRow] = []
    writer = RecordWriter(NoteSigned, CONTRACT, 7)

    done = Publisher(FakeSender(), "notes", writer, limit).publish(
        [note_event("x" * limit), note_event("x" * (limit - 10_000))], rejected=told.append
    )

    assert (done.published, done.rejected) == (1, 1)
    assert f"at most {limit} bytes" in told[0].reason
    assert "xx" not in told[0].reason


def test_a_note_that_is_not_acknowledged_is_an_error_and_not_counted() -> None:
    publishing = publisher(FakeSender(refuse_after=1))

    with pytest.raises(BrokerError):
        publishing.publish([note_event(), note_event()])

    assert str(publishing.done) == "published 2, acknowledged 1, rejected 0"


def test_a_rate_spaces_the_notes_evenly() -> None:
    """The clock moves only when the pace sleeps."""
    time_s, slept = [0.0], []

    def sleep(wait_s: float) -> None:
        slept.append(wait_s)
        time_s[0] += wait_s

    pace = Pace(4, clock=lambda: time_s[0], sleep=sleep)
    publisher(FakeSender()).publish([note_event() for _ in range(9)], pace=pace)

    assert time_s[0] == pytest.approx(8 / 4)
