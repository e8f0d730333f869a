"""Recoding a window: what is sent, what is counted, and when a state is given."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from clinical_coding.claim import Profile
from clinical_coding.errors import BrokerError, DeadLetterBudgetError
from runtime.kafka import KafkaRecord
from runtime.replay_runs import Refused, ReplayState
from schemas.claim_coded import ClaimCoded
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text, topics
from schemas.wire import RecordReader, RecordWriter
from streams.micro_batch import Parts
from streams.replay import BATCH_NOTES, Recoding, recode
from tests.fakes.coders import FakeCoder
from tests.fakes.schemas import FakeWriterSchemas
from tests.fakes.sender import FakeSender
from tests.notes import note_event

NOTE_SCHEMA, CLAIM_SCHEMA = schema_text("note_signed.avsc"), schema_text("claim_coded.avsc")
NOW = datetime(2026, 3, 2, tzinfo=UTC)
NOTES = RecordWriter(NoteSigned, NOTE_SCHEMA, 1)
NAMES = topics()
NAMES = replace(NAMES, claims=NAMES.shadow("run"))
NOTHING = ReplayState(places={0: 0, 1: 0})


def _recoding(
    sender: FakeSender, encounters: tuple[str, ...] = (), longest: int = 1000
) -> Recoding:
    parts = Parts(
        topics=NAMES,
        notes=RecordReader(NoteSigned, NOTE_SCHEMA, FakeWriterSchemas({1: NOTE_SCHEMA})),
        claims=RecordWriter(ClaimCoded, CLAIM_SCHEMA, 2),
        coder=FakeCoder(),
        profile=Profile.CLAIM,
        worker_id="w",
        now=lambda: NOW,
    )
    return Recoding(parts=parts, sender=sender, encounters=encounters, longest_refused_run=longest)


def _records(texts: Sequence[str | None], partition: int = 0) -> list[KafkaRecord]:
    """A note of each text; None is a record that is none."""
    return [
        KafkaRecord(
            topic=NAMES.notes.name, partition=partition, offset=10 + n, timestamp=NOW, key=b"k",
            value=None if text is None else NOTES.encode(
                note_event(text, note_id=f"n{n}", encounter_id=f"e{n % 2}")
            ),
            headers={},
        )
        for n, text in enumerate(texts)
    ]  # fmt: skip


def test_every_note_becomes_a_claim_in_the_shadow_topic_and_nothing_goes_elsewhere() -> None:
    sender = FakeSender()

    (state,) = recode(_records(["pain", None, "poison", "pain"]), _recoding(sender), NOTHING)

    assert [(topic, key) for topic, key, _, _ in sender.sent] == [
        ("coding.claim.coded.v1.shadow.run", key) for key in ("e0", "e1")
    ]
    assert sender.sent[0][3]["ce_type"] == b"coding.claim.coded.v1.shadow.run"
    assert (state.read, state.coded, state.refused) == (4, 2, 2)
    assert state.first_refused == (
        Refused(partition=0, offset=11, error_class="UndecodableEventError"),
        Refused(partition=0, offset=12, error_class="UnscorableNoteError"),
    )


def test_the_places_are_behind_what_was_read_of_each_partition() -> None:
    records = [*_records(["pain"] * 3), *_records(["pain"] * 2, partition=1)]

    (state,) = recode(records, _recoding(FakeSender()), NOTHING)

    assert state.places == {0: 13, 1: 12}


def test_a_state_goes_on_from_the_one_before() -> None:
    before = replace(NOTHING, places={0: 10, 1: 5}, read=7, coded=6, refused=1, took_s=2.0)

    *_, state = recode(_records(["pain"] * (BATCH_NOTES + 1)), _recoding(FakeSender()), before)

    assert state.places == {0: 10 + BATCH_NOTES + 1, 1: 5}
    assert (state.read, state.coded, state.refused) == (BATCH_NOTES + 8, BATCH_NOTES + 7, 1)


def test_no_state_is_given_before_the_broker_holds_the_claims() -> None:
    """What would resume behind a claim that was lost is never kept."""
    sender = FakeSender(refuse_after=BATCH_NOTES)
    states = recode(_records(["pain"] * 2 * BATCH_NOTES), _recoding(sender), NOTHING)

    assert next(states).read == BATCH_NOTES
    with pytest.raises(BrokerError):
        next(states)


def test_of_encounters_that_are_named_only_their_notes_are_recoded() -> None:
    sender = FakeSender()

    (state,) = recode(_records(["pain", None, "pain"]), _recoding(sender, ("e1",)), NOTHING)
    (other,) = recode(_records(["pain", "pain"]), _recoding(sender, ("e1",)), NOTHING)

    assert (state.read, state.coded, state.refused) == (3, 0, 0)
    assert (other.coded, [key for _, key, _, _ in sender.sent]) == (1, ["e1"])


def test_an_artifact_that_refuses_everything_ends_the_replay() -> None:
    recoding = _recoding(FakeSender(), longest=5)

    with pytest.raises(DeadLetterBudgetError):
        list(recode(_records([None] * 6), recoding, NOTHING))
