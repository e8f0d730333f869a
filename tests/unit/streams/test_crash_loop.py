"""A record that ends the process is found, given up, and takes no other along."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from clinical_coding.claim import Coding, Profile
from clinical_coding.errors import StorageError
from clinical_coding.note import Note
from runtime.attempts import Deaths
from runtime.kafka import Headers
from schemas.claim_coded import ClaimCoded
from schemas.dead_letter import DeadLetter, dead_letter_of
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text, topics
from schemas.wire import RecordReader, RecordWriter
from streams.crash_loop import CrashLoopBreaker, place_of
from streams.micro_batch import Parts
from streams.records import Incoming, present
from tests.fakes.coders import FakeCoder
from tests.fakes.journal import FakeJournal
from tests.fakes.schemas import FakeWriterSchemas
from tests.notes import note_event

NOTE_SCHEMA, CLAIM_SCHEMA = schema_text("note_signed.avsc"), schema_text("claim_coded.avsc")
SCHEMAS = FakeWriterSchemas({1: NOTE_SCHEMA, 2: CLAIM_SCHEMA})
NOW = datetime(2026, 3, 2, 15, 5, 0, 7, tzinfo=UTC)
LIMIT = 3


class DeathError(BaseException):
    """The process is gone, or a bug of ours ends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MortalCoder(FakeCoder):
    """Ends the process on a batch in which a note says "kill"."""

    @override
    def code(self, notes: Sequence[Note], profile: Profile) -> Sequence[Coding]:
        if any("kill" in note.text for note in notes):
            raise DeathError
        return FakeCoder.code(self, notes, profile)


PARTS = Parts(
    topics=topics(),
    notes=RecordReader(NoteSigned, NOTE_SCHEMA, SCHEMAS),
    claims=RecordWriter(ClaimCoded, CLAIM_SCHEMA, 2),
    coder=MortalCoder(),
    profile=Profile.CLAIM,
    worker_id="worker-1",
    now=lambda: NOW,
)


def records(*texts: str, headers: Headers = ()) -> list[Incoming]:
    writer = RecordWriter(NoteSigned, NOTE_SCHEMA, 1)
    return [
        Incoming(
            topic=PARTS.topics.notes.name, partition=0, offset=offset, timestamp=NOW, key=b"e",
            value=writer.encode(note_event(text, note_id=f"note-{offset}")), headers=headers,
        )
        for offset, text in enumerate(texts)
    ]  # fmt: skip


def run(batch: list[Incoming], journal: FakeJournal) -> tuple[list[str | DeadLetter], int]:
    """The outcomes in the order in which they were settled, and how many processes it took."""
    settled: list[str | DeadLetter] = []
    deaths = 0
    while len(settled) < len(batch):
        try:
            life(batch[len(settled) :], journal, settled)
        except DeathError:
            deaths += 1
            journal.die()
    return settled, deaths


def life(batch: list[Incoming], journal: FakeJournal, settled: list[str | DeadLetter]) -> None:
    breaker = CrashLoopBreaker(PARTS, journal, LIMIT)
    claims = RecordReader(ClaimCoded, CLAIM_SCHEMA, SCHEMAS)
    for piece in breaker.pieces(batch):
        for outcome in breaker.outcomes(piece):
            sent = outcome.record
            settled.append(
                dead_letter_of(present(sent.headers))
                if outcome.refused
                else claims.decode(sent.value).note_id
            )


@given(st.lists(st.sampled_from(["a cough", "kill"]), min_size=1, max_size=9))
def test_every_record_that_kills_is_given_up_and_every_other_is_coded_in_order(
    texts: list[str],
) -> None:
    """Each takes no more processes along than the limit, and its neighbours none of theirs."""
    settled, deaths = run(records(*texts), FakeJournal())

    for offset, (text, outcome) in enumerate(zip(texts, settled, strict=True)):
        if text == "kill":
            assert isinstance(outcome, DeadLetter)
            assert (outcome.error_class, outcome.source_offset) == ("CrashingRecordError", offset)
        else:
            assert outcome == f"note-{offset}"
    assert deaths <= LIMIT * texts.count("kill")


def test_records_that_nobody_died_on_go_through_the_engine_together() -> None:
    journal = FakeJournal()
    batch = records("a", "b", "c", "d", "e")
    journal.found = {place_of(batch[1]): Deaths(count=1, alone=False)}

    pieces = CrashLoopBreaker(PARTS, journal, LIMIT).pieces(batch)

    assert [[r.offset for r in piece] for piece in pieces] == [[0], [1], [2, 3, 4]]


def test_a_record_that_was_in_hand_with_others_is_never_given_up_for_that() -> None:
    """However often: any of them may have been at fault."""
    journal = FakeJournal()
    batch = records("a")
    journal.found = {place_of(batch[0]): Deaths(count=LIMIT + 5, alone=False)}

    assert run(batch, journal) == (["note-0"], 0)


def test_an_engine_that_fails_in_order_leaves_no_death_behind() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class AwayCoder(FakeCoder):
        @override
        def code(self, notes: Sequence[Note], profile: Profile) -> Sequence[Coding]:
            raise StorageError("away")

    journal = FakeJournal()
    breaker = CrashLoopBreaker(replace(PARTS, coder=AwayCoder()), journal, LIMIT)

    with pytest.raises(StorageError):
        breaker.outcomes(records("a", "b"))

    journal.die()
    assert journal.deaths() == {}


def test_a_record_that_was_given_up_and_put_back_endangers_no_neighbour() -> None:
    (first,), _ = run(records("kill"), FakeJournal())
    assert isinstance(first, DeadLetter)
    again = records("a", "b", "c")
    again[1:2] = records("kill", headers=tuple(first.headers().items()))

    pieces = CrashLoopBreaker(PARTS, FakeJournal(), LIMIT).pieces(again)

    assert [len(piece) for piece in pieces] == [1, 1, 1]


def test_without_space_for_the_journal_notes_are_coded_all_the_same() -> None:
    breaker = CrashLoopBreaker(PARTS, FakeJournal(is_full=True), LIMIT)

    (piece,) = breaker.pieces(records("a", "b"))

    assert [outcome.refused for outcome in breaker.outcomes(piece)] == [False, False]
