"""Claim events for tests."""

from dataclasses import replace
from datetime import UTC, date, datetime

from clinical_coding.claim import Profile
from clinical_coding.note import NoteStatus
from schemas.claim_coded import ClaimCoded, Timings
from streams.claim import claim_of, withdrawal
from tests.fakes.coders import FakeCoder
from tests.notes import note_event

CODED_AT = datetime(2026, 3, 2, 15, 5, tzinfo=UTC)


def claim_event(
    note_id: str,
    text: str = "Chest pain for 2 days.",
    day: date | None = None,
    *,
    version: int = 1,
    status: NoteStatus = NoteStatus.SIGNED,
) -> ClaimCoded:
    """The claim that the fake coder makes of a note."""
    event = note_event(text, note_id=note_id, version=version, status=status)
    event = replace(event, date_of_service=day) if day else event
    coder = FakeCoder()
    (coding,) = coder.code([event.note()], Profile.CLAIM)
    if status is NoteStatus.RETRACTED:
        coding = withdrawal(event, coder, Profile.CLAIM)
    timings = Timings(published_at=CODED_AT, batch_notes=1, engine_ms=1.5)
    return claim_of(event, coding, coder, CODED_AT, timings)


def claims_of_versions(note_id: str, count: int, *, retracted: bool) -> list[ClaimCoded]:
    """A note's claims by version: signed, then amended, the last perhaps retracted."""
    last = NoteStatus.RETRACTED if retracted else NoteStatus.AMENDED
    statuses = [NoteStatus.SIGNED, *[NoteStatus.AMENDED] * (count - 2), last][:count]
    return [
        claim_event(note_id, version=version, status=status)
        for version, status in enumerate(statuses, start=1)
    ]
