"""What a micro-batch of records becomes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from clinical_coding.claim import Profile
from clinical_coding.note import NoteStatus
from runtime.kafka import Headers
from runtime.kafka_topics import MAX_RECORD_BYTES
from schemas.claim_coded import ClaimCoded
from schemas.cloud_events import traceparent_of
from schemas.dead_letter import DeadLetter, dead_letter_of
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text, topics
from schemas.wire import RecordReader, RecordWriter
from streams.dead_letters import left_at_source
from streams.micro_batch import Outcome, Parts, outcomes
from streams.records import Incoming, present
from tests.fakes.coders import FakeCoder
from tests.fakes.schemas import FakeWriterSchemas
from tests.notes import note_event

NOTE_SCHEMA, CLAIM_SCHEMA = schema_text("note_signed.avsc"), schema_text("claim_coded.avsc")
SCHEMAS = FakeWriterSchemas({1: NOTE_SCHEMA, 2: CLAIM_SCHEMA})
NOW = datetime(2026, 3, 2, 15, 5, tzinfo=UTC)
NAMES = topics()
TRACED: Headers = (("traceparent", b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"),)
PARTS = Parts(
    topics=NAMES,
    notes=RecordReader(NoteSigned, NOTE_SCHEMA, SCHEMAS),
    claims=RecordWriter(ClaimCoded, CLAIM_SCHEMA, 2),
    coder=FakeCoder(),
    profile=Profile.CLAIM,
    worker_id="worker-1",
    now=lambda: NOW,
)


def _record(event: NoteSigned, offset: int = 0, headers: Headers = TRACED) -> Incoming:
    value = RecordWriter(NoteSigned, NOTE_SCHEMA, 1).encode(event)
    return _raw(value, offset, key=event.encounter_id.encode(), headers=headers)


def _raw(
    value: bytes | None,
    offset: int = 0,
    key: bytes | None = b"encounter-1",
    headers: Headers = TRACED,
) -> Incoming:
    return Incoming(
        topic=NAMES.notes.name,
        partition=3,
        offset=offset,
        timestamp=NOW,
        key=key,
        value=value,
        headers=headers,
    )


def _letter(outcome: Outcome) -> DeadLetter:
    return dead_letter_of(present(outcome.record.headers))


def _claim(outcome: Outcome) -> ClaimCoded:
    return RecordReader(ClaimCoded, CLAIM_SCHEMA, SCHEMAS).decode(outcome.record.value)


def test_a_note_becomes_a_claim_under_its_encounters_key_in_the_same_trace() -> None:
    event = note_event()

    (outcome,) = outcomes([_record(event)], PARTS)

    claim = _claim(outcome)
    assert not outcome.refused
    assert (outcome.record.topic, outcome.record.key) == (NAMES.claims.name, b"encounter-1")
    assert (claim.note_id, claim.note_version) == (event.note_id, 1)
    assert [d.code for d in claim.diagnoses] == ["R07.9"]
    headers = present(outcome.record.headers)
    assert headers["traceparent"].split(b"-")[1] == b"a" * 32
    assert headers["ce_id"] == claim.event_id.encode()


def test_the_same_note_coded_again_is_the_same_event() -> None:
    """At-least-once delivery is effectively once for whoever keeps ids."""
    record = _record(note_event())

    again = [_claim(outcomes([record], PARTS)[0]).event_id for _ in range(2)]

    assert again[0] == again[1]


def test_another_model_makes_another_event() -> None:
    record = _record(note_event())
    other = replace(PARTS, coder=FakeCoder(model_version="fake-2"))

    assert _claim(outcomes([record], PARTS)[0]).event_id != (
        _claim(outcomes([record], other)[0]).event_id
    )


def test_a_claim_names_the_code_set_that_picked_its_codes_and_another_makes_another_event() -> None:
    """A withdrawal too: it names the set that would have coded the visit."""
    next_year = replace(PARTS, coder=FakeCoder(code_set="FY2027"))
    for status in (NoteStatus.SIGNED, NoteStatus.RETRACTED):
        record = _record(note_event(status=status))

        old, new = (_claim(outcomes([record], parts)[0]) for parts in (PARTS, next_year))

        assert (old.code_set, new.code_set) == ("FY2026-April", "FY2027")
        assert old.event_id != new.event_id


def test_a_later_version_supersedes_the_claim_of_the_one_before() -> None:
    first, second = (_record(note_event(note_id="n", version=version)) for version in (1, 2))

    old, new = (_claim(outcome) for outcome in outcomes([first, second], PARTS))

    assert (old.supersedes, new.supersedes) == (None, old.event_id)


def test_a_retracted_note_withdraws_its_claim_even_where_the_model_cannot_take_its_text() -> None:
    text = "poison"
    record = _record(note_event(text, note_id="n", version=2, status=NoteStatus.RETRACTED))

    claim = _claim(outcomes([record], PARTS)[0])

    assert (claim.diagnoses, claim.dropped, claim.supersedes is None) == ((), (), False)
    assert claim.timings.batch_notes == 0


def test_retracted_and_refused_records_between_others_do_not_shift_their_claims() -> None:
    """Each claim is of its own note, whatever stands beside it in the batch."""
    batch = [
        _record(note_event("one", note_id="n1")),
        _raw(b"garbage"),
        _record(note_event("two", note_id="n2", version=2, status=NoteStatus.RETRACTED)),
        _record(note_event("three!", note_id="n3")),
    ]

    one, _, two, three = outcomes(batch, PARTS)

    ends = [[d.evidence[0].end for d in _claim(o).diagnoses] for o in (one, two, three)]
    assert ends == [[len("one")], [], [len("three!")]]


def test_what_does_not_decode_is_dead_lettered_byte_for_byte_and_the_rest_goes_on() -> None:
    unknown_schema = b"\x00\x00\x00\x00\x63rest"
    bad: list[bytes | None] = [None, b"", b"garbage", unknown_schema, b"\x00\x00\x00\x00\x01"]
    batch = [_raw(value, offset) for offset, value in enumerate(bad)]

    found = outcomes([*batch, _record(note_event(), 9)], PARTS)

    assert [outcome.refused for outcome in found] == [True] * 5 + [False]
    assert [outcome.record.value for outcome in found[:5]] == bad
    assert {outcome.record.topic for outcome in found[:5]} == {NAMES.dead_letters.name}
    letter = _letter(found[2])
    assert (letter.source_partition, letter.source_offset) == (3, 2)
    assert (letter.error_class, letter.worker) == ("UndecodableEventError", "worker-1")


def test_a_note_that_the_model_cannot_take_does_not_take_its_neighbours_along() -> None:
    batch = [_record(note_event(text), n) for n, text in enumerate(["a", "poison", "b"])]

    found = outcomes(batch, PARTS)

    assert [outcome.refused for outcome in found] == [False, True, False]
    assert _letter(found[1]).error_class == "UnscorableNoteError"


def test_a_dead_letter_has_no_word_of_the_note_in_its_headers() -> None:
    (outcome,) = outcomes([_record(note_event("poison and a secret"))], PARTS)

    assert b"secret" not in b"".join(present(outcome.record.headers).values())


def test_a_value_that_breaks_a_rule_is_dead_lettered_as_a_broken_contract() -> None:
    (outcome,) = outcomes([_record(replace(note_event(), age_years=-1))], PARTS)

    assert _letter(outcome).error_class == "BrokenContractError"


def test_an_outcome_stands_for_each_record_in_order() -> None:
    batch = [_record(note_event(note_id=f"n{n}"), n) for n in range(7)]

    assert [_claim(o).note_id for o in outcomes(batch, PARTS)] == [f"n{n}" for n in range(7)]


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("traceparent", None),),
        (("traceparent", b"00-xyz"), ("traceparent", b"\xff\xfe")),
        (("traceparent", b"00-" + b"0" * 32 + b"-" + b"b" * 16 + b"-01"),),
        (("ce_id", None), ("ce_id", b"1"), ("", b"\x00")),
    ],
)
def test_headers_that_nobody_should_send_do_not_keep_a_note_from_its_claim(
    headers: Headers,
) -> None:
    """Kafka allows headers without a value and twice one name; a trace then begins anew."""
    (outcome,) = outcomes([_record(note_event(), headers=headers)], PARTS)

    assert not outcome.refused
    assert traceparent_of(present(outcome.record.headers)) is not None


def test_a_dead_letter_keeps_key_and_headers_as_they_came() -> None:
    headers: Headers = (("a", None), ("b", b"1"), ("b", b"2"), *TRACED)

    for key in (None, b"", b"\xff\xfe"):
        (outcome,) = outcomes([_raw(b"garbage", key=key, headers=headers)], PARTS)

        assert outcome.record.key == key
        assert outcome.record.headers[: len(headers)] == headers


def test_a_record_that_was_put_back_and_refused_again_keeps_its_first_moment_and_counts_on() -> (
    None
):
    (first,) = outcomes([_raw(b"garbage", offset=4)], PARTS)
    later = NOW + timedelta(hours=1)

    (second,) = outcomes(
        [_raw(b"garbage", offset=9, headers=first.record.headers)],
        replace(PARTS, now=lambda: later),
    )

    letter = _letter(second)
    assert (letter.first_seen, letter.last_seen) == (NOW, later)
    assert (letter.attempt, letter.source_offset) == (2, 9)
    names = [name for name, _ in second.record.headers]
    assert len(names) == len(set(names))


def test_a_claim_that_no_record_holds_is_refused_instead_of_ending_the_worker() -> None:
    large = replace(PARTS, coder=FakeCoder(rules=("x" * 1024,) * 5000))

    (outcome,) = outcomes([_record(note_event())], large)

    assert _letter(outcome).error_class == "UnscorableNoteError"


def test_a_record_that_unpacks_to_more_than_ours_may_be_is_refused_before_the_engine_sees_it() -> (
    None
):
    """However well it was packed: a note of 10 MB would hold the others up for minutes."""
    (outcome,) = outcomes([_record(note_event("x" * MAX_RECORD_BYTES))], PARTS)

    assert _letter(outcome).error_class == "BrokenContractError"


def test_a_letter_that_is_left_at_its_source_says_what_it_says_and_holds_nothing_of_the_record() -> (
    None
):
    (outcome,) = outcomes([_raw(b"a secret", headers=(("own", b"secret"),))], PARTS)

    left = left_at_source(outcome.record)

    assert (left.key, left.value) == (None, None)
    assert dead_letter_of(present(left.headers)) == replace(_letter(outcome), left_bytes=8)
    assert b"secret" not in b"".join(present(left.headers).values())
