"""Which of a replay's claims are published, and what each supersedes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from clinical_coding.note import NoteId
from consumers.claim_sides import PlacedClaim, side_by_side
from consumers.promotion import ClaimTopic, Promotion, promote
from runtime.progress import silent
from schemas.claim_coded import ClaimCoded, claim_event_id
from schemas.topics import schema_text
from schemas.wire import RecordReader, RecordWriter
from tests.claims import CODED_AT, claim_event
from tests.fakes.schemas import FakeWriterSchemas
from tests.fakes.sender import FakeSender

SCHEMA = schema_text("claim_coded.avsc")
DECODER = RecordReader(ClaimCoded, SCHEMA, FakeWriterSchemas({1: SCHEMA}))
PROMOTED_AT = CODED_AT + timedelta(days=1)


def _claim(model: str, version: int = 1, supersedes: ClaimCoded | None = None) -> ClaimCoded:
    plain = claim_event("note")
    return replace(
        plain,
        event_id=claim_event_id(NoteId("note"), version, plain.profile, model, plain.code_set),
        note_version=version,
        model_version=model,
        supersedes=supersedes.event_id if supersedes else None,
    )


def _promoted(
    folder: Path, shadow: Sequence[ClaimCoded], live: Sequence[ClaimCoded]
) -> tuple[Promotion, list[ClaimCoded]]:
    sender = FakeSender()
    topic = ClaimTopic(
        name="claims",
        writer=RecordWriter(ClaimCoded, SCHEMA, 1),
        sender=sender,
        now=lambda: PROMOTED_AT,
    )
    ours, theirs = ([PlacedClaim(0, n, c) for n, c in enumerate(cs)] for cs in (shadow, live))
    with side_by_side(ours, theirs, folder) as sides:
        done = promote(sides, ours, topic, silent)
    return done, [DECODER.decode(value) for _, _, value, _ in sender.sent]


def test_a_claim_supersedes_the_one_that_counts_now_and_is_dated_anew(tmp_path: Path) -> None:
    """Also where that one superseded another; a claim that the replay made twice is sent once."""
    first = _claim("m1")
    second, new = _claim("m2", supersedes=first), _claim("m3")

    done, sent = _promoted(tmp_path, [new, new], [first, second])

    assert done == Promotion(published=1, current=0, outdated=0, superseded=0)
    assert sent == [replace(new, supersedes=second.event_id, coded_at=PROMOTED_AT)]


def test_a_claim_that_counts_already_is_not_published(tmp_path: Path) -> None:
    done, sent = _promoted(tmp_path, [_claim("m1")], [_claim("m1")])

    assert (done.current, sent) == (1, [])


def test_a_claim_that_was_superseded_cannot_come_back_under_its_id(tmp_path: Path) -> None:
    first = _claim("m1")

    done, sent = _promoted(tmp_path, [first], [first, _claim("m2", supersedes=first)])

    assert (done.superseded, sent) == (1, [])


def test_a_note_that_was_amended_since_keeps_its_later_claim(tmp_path: Path) -> None:
    first = _claim("m1")
    amended = _claim("m1", version=2, supersedes=first)

    done, sent = _promoted(tmp_path, [_claim("m2")], [first, amended])

    assert (done.outdated, sent) == (1, [])


def test_of_an_amended_note_the_last_version_s_claim_is_superseded(tmp_path: Path) -> None:
    first = _claim("m1")
    amended = _claim("m1", version=2, supersedes=first)
    shadow = [_claim("m2"), _claim("m2", version=2, supersedes=_claim("m2"))]

    done, sent = _promoted(tmp_path, shadow, [first, amended])

    assert (done.published, done.outdated) == (1, 1)
    assert [claim.supersedes for claim in sent] == [amended.event_id]


def test_a_note_without_any_claim_gets_the_replay_s(tmp_path: Path) -> None:
    done, sent = _promoted(tmp_path, [_claim("m1")], [])

    assert (done.published, sent[0].supersedes) == (1, None)
