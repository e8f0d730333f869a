"""Whether anything was lost, from ids alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.claim import Profile
from consumers.findings import LISTED
from consumers.hours import span_not_landed
from consumers.reconcile import (
    Outcomes,
    Reconciliation,
    read_claims,
    read_letters,
    reconcile,
)
from runtime.kafka import KafkaRecord
from schemas.claim_coded import ClaimCoded, Timings, claim_event_id
from schemas.dead_letter import DeadLetter, told_letter
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text
from schemas.wire import RecordReader, RecordWriter
from tests.fakes.schemas import FakeWriterSchemas
from tests.notes import note_event

NOTE_SCHEMA, CLAIM_SCHEMA = schema_text("note_signed.avsc"), schema_text("claim_coded.avsc")
SCHEMAS = FakeWriterSchemas({1: NOTE_SCHEMA, 2: CLAIM_SCHEMA})
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def _kafka(
    value: bytes | None, offset: int, headers: dict[str, bytes] | None = None
) -> KafkaRecord:
    return KafkaRecord(
        topic="t", partition=0, offset=offset, timestamp=NOW, key=b"k", value=value,
        headers=headers or {},
    )  # fmt: skip


def _notes(names: Sequence[str]) -> list[KafkaRecord]:
    writer = RecordWriter(NoteSigned, NOTE_SCHEMA, 1)
    return [_kafka(writer.encode(note_event(note_id=n)), at) for at, n in enumerate(names)]


def _id(name: str, model: str = "m1") -> str:
    return claim_event_id(note_event(note_id=name).note_id, 1, Profile.CLAIM, model, "FY2026")


def _claim(name: str, model: str = "m1", supersedes: str | None = None) -> KafkaRecord:
    event = note_event(note_id=name)
    claim = ClaimCoded(
        event_id=_id(name, model),
        note_id=event.note_id,
        note_version=1,
        note_status=event.status,
        encounter_id=event.encounter_id,
        patient_ref=event.patient_ref,
        encounter_class="AMB",
        date_of_service=event.date_of_service,
        profile=Profile.CLAIM,
        diagnoses=(),
        dropped=(),
        supersedes=supersedes,
        model_version=model,
        encoder="e",
        code_set="FY2026",
        note_signed_at=NOW,
        coded_at=NOW,
        timings=Timings(published_at=NOW, batch_notes=1, engine_ms=1.0),
    )
    return _kafka(RecordWriter(ClaimCoded, CLAIM_SCHEMA, 2).encode(claim), 0)


def _letter(offset: int) -> KafkaRecord:
    letter = DeadLetter(
        source_topic="t", source_partition=0, source_offset=offset, error_class="X", worker="w",
        first_seen=NOW, last_seen=NOW, attempt=1,
    )  # fmt: skip
    return _kafka(b"raw", 0, letter.headers())


def _found(
    notes: list[KafkaRecord],
    claims: list[KafkaRecord],
    letters: list[KafkaRecord],
    committed: int,
    landed: list[str] | None = None,
) -> Reconciliation:
    outcomes = Outcomes(
        claims=read_claims(claims, RecordReader(ClaimCoded, CLAIM_SCHEMA, SCHEMAS), landed),
        letters=read_letters(letters),
        committed={0: committed},
    )
    return reconcile(notes, RecordReader(NoteSigned, NOTE_SCHEMA, SCHEMAS), outcomes)


def test_every_note_with_a_claim_or_a_dead_letter_is_complete() -> None:
    notes = [*_notes(["a", "b"]), _kafka(b"garbage", 2)]

    found = _found(notes, [_claim("a"), _claim("b")], [_letter(2)], committed=3)

    assert found.is_complete
    assert (found.notes, found.claims, found.dead_letters) == (3, 2, 1)


def test_an_acknowledged_note_without_outcome_is_missing_and_named() -> None:
    found = _found(_notes(["a", "b"]), [_claim("a")], [], committed=2)

    assert (found.missing, found.has_loss) == (1, True)
    assert [(f.problem, f.topic, f.offset, f.note_id) for f in found.findings] == [
        ("missing", "t", 1, "b")
    ]


def test_a_note_that_is_not_acknowledged_is_in_flight_not_missing() -> None:
    found = _found(_notes(["a", "b"]), [_claim("a")], [], committed=1)

    assert (found.in_flight, found.missing, found.is_complete) == (1, 0, False)


def test_the_same_claim_again_is_a_repeat_and_not_a_double() -> None:
    found = _found(_notes(["a"]), [_claim("a"), _claim("a")], [], committed=1)

    assert (found.repeats, found.doubled, found.is_complete) == (1, 0, True)


def test_two_different_claims_for_one_note_version_are_a_double() -> None:
    found = _found(_notes(["a"]), [_claim("a"), _claim("a", "m2")], [], committed=1)

    assert (found.doubled, found.has_loss) == (1, True)
    assert [(f.problem, f.note_id) for f in found.findings] == [("doubled", "a")]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0), (0, 1, 1)])
def test_claims_that_supersede_one_another_are_no_double(order: tuple[int, ...]) -> None:
    """A replay's claim stands in the place of the one it supersedes, in whatever order they are read."""
    chain = [_claim("a"), _claim("a", "m2", _id("a")), _claim("a", "m3", _id("a", "m2"))]

    found = _found(_notes(["a"]), [chain[n] for n in order], [], committed=1)

    assert (found.claims, found.doubled, found.has_loss) == (1, 0, False)
    assert found.findings == ()


def test_two_claims_that_supersede_the_same_one_are_a_double() -> None:
    chain = [_claim("a"), _claim("a", "m2", _id("a")), _claim("a", "m3", _id("a"))]

    assert _found(_notes(["a"]), chain, [], committed=1).doubled == 1


def test_a_claim_that_the_lake_lacks_is_not_complete() -> None:
    claims = [_claim("a"), _claim("b")]

    found = _found(_notes(["a", "b"]), claims, [], committed=2, landed=[_id("a")])

    assert (found.landed, found.not_landed, found.is_complete) == (1, 1, False)
    assert [(f.problem, f.note_id) for f in found.findings] == [("not landed", "b")]


def test_a_record_that_never_decoded_and_has_no_dead_letter_is_missing() -> None:
    found = _found([_kafka(b"garbage", 0)], [], [], committed=1)

    assert [f.note_id for f in found.findings] == [None]


def test_a_note_that_was_put_back_from_the_dead_letters_and_coded_counts_as_a_claim() -> None:
    found = _found(_notes(["a", "a"]), [_claim("a")], [_letter(0)], committed=2)

    assert (found.notes, found.claims, found.dead_letters) == (1, 1, 0)
    assert found.is_complete


def test_a_note_put_back_and_lost_is_missing_although_its_first_refusal_is_kept() -> None:
    found = _found(_notes(["a", "a"]), [], [_letter(0)], committed=2)

    assert (found.missing, found.dead_letters) == (1, 0)


def _mark(offset: int) -> KafkaRecord:
    letter = told_letter(_letter(offset).headers)
    assert letter is not None
    return _kafka(None, 0, replace(letter, redriven_at=NOW).headers())


def test_bytes_that_were_put_back_and_refused_again_are_one_dead_letter() -> None:
    notes = [_kafka(b"garbage", 0), _kafka(b"garbage", 1)]

    found = _found(notes, [], [_letter(0), _mark(0), _letter(1)], committed=2)

    assert (found.notes, found.dead_letters, found.repeats) == (1, 1, 1)
    assert found.is_complete


def test_a_record_that_was_put_back_is_judged_by_what_became_of_it_since() -> None:
    """Coded, on its way, or gone: its first refusal no longer counts."""
    notes, letters = _notes(["a", "a"]), [_letter(0), _mark(0)]

    coded = _found(notes, [_claim("a")], letters, committed=2)
    waiting = _found(notes, [], letters, committed=1)
    gone = _found(notes, [], letters, committed=2)

    assert (coded.claims, coded.is_complete) == (1, True)
    assert (waiting.in_flight, waiting.dead_letters) == (1, 0)
    assert (gone.missing, gone.dead_letters) == (1, 0)


def test_claims_of_notes_that_the_topic_no_longer_keeps_are_no_notes() -> None:
    found = _found(_notes(["b"]), [_claim("a"), _claim("b")], [], committed=1)

    assert (found.notes, found.claims, found.claim_events) == (1, 1, 2)
    assert found.is_complete


def test_of_many_findings_the_first_are_named_and_all_are_counted() -> None:
    names = [f"n{n}" for n in range(LISTED + 5)]

    found = _found(_notes(names), [], [], committed=len(names))

    assert (found.missing, len(found.findings)) == (LISTED + 5, LISTED)


def test_the_counts_are_told_by_partition_and_hour_of_the_first_record() -> None:
    """A note that was published again an hour later stands in the hour in which it came first."""
    notes = _notes(["a", "b", "a", "c"])
    moments = [NOW, NOW, NOW + timedelta(hours=1), NOW + timedelta(minutes=61)]
    moved = [
        replace(n, timestamp=at, partition=n.offset % 2)
        for n, at in zip(notes, moments, strict=True)
    ]
    claims = [_claim("a"), replace(_claim("b"), timestamp=NOW + timedelta(hours=3))]

    found = _found(moved, claims, [], committed=4, landed=[_id("a")])

    assert [(h.partition, h.hour, h.notes, h.claims, h.missing) for h in found.note_hours] == [
        (0, NOW, 1, 1, 0),
        (1, NOW, 1, 1, 0),
        (1, NOW + timedelta(hours=1), 1, 0, 0),
    ]
    assert [(h.hour, h.landed, h.not_landed) for h in found.claim_hours] == [
        (NOW, 1, 0),
        (NOW + timedelta(hours=3), 0, 1),
    ]
    assert span_not_landed(found.claim_hours) == (
        NOW + timedelta(hours=3),
        NOW + timedelta(hours=4),
    )


KINDS = st.sampled_from(["claim", "claim twice", "refused", "nothing", "coded twice over"])


@given(st.lists(st.tuples(st.integers(0, 5), KINDS), max_size=20), st.integers(0, 20))
def test_every_note_stands_in_exactly_one_column(
    history: list[tuple[int, str]], committed: int
) -> None:
    """Whatever was published and whatever became of it, the columns add up to the notes."""
    notes = _notes([f"n{name}" for name, _ in history])
    claims, letters = [], []
    for offset, (name, kind) in enumerate(history):
        if kind == "refused":
            letters.append(_letter(offset))
        elif kind != "nothing":
            models = {"claim": ["m1"], "claim twice": ["m1", "m1"]}.get(kind, ["m1", "m2"])
            claims += [_claim(f"n{name}", model) for model in models]

    found = _found(notes, claims, letters, committed)

    assert found.notes == len({name for name, _ in history})
    assert found.notes == found.claims + found.dead_letters + found.in_flight + found.missing
    coded = {name for name, kind in history if kind not in ("refused", "nothing")}
    assert found.claims == len(coded)
    lost = {
        name
        for offset, (name, kind) in enumerate(history)
        if kind == "nothing" and offset < committed and name not in coded
    }
    assert found.missing == len(lost)
