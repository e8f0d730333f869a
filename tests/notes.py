"""Note events for tests; what a test does not care about has a plain value."""

import uuid
from datetime import UTC, date, datetime

from clinical_coding.note import EncounterId, NoteId, NoteStatus, PatientRef, Sex
from schemas.note_signed import NoteSigned

SIGNED_AT = datetime(2026, 3, 2, 15, 4, 5, 123456, tzinfo=UTC)


def note_event(
    text: str = "Chest pain for 2 days.",
    *,
    note_id: str | None = None,
    version: int = 1,
    status: NoteStatus = NoteStatus.SIGNED,
    encounter_id: str = "encounter-1",
) -> NoteSigned:
    """A signed outpatient note of 2 March 2026, with a new id unless one is given."""
    return NoteSigned(
        note_id=NoteId(note_id or f"note-{uuid.uuid4()}"),
        note_version=version,
        status=status,
        encounter_id=EncounterId(encounter_id),
        patient_ref=PatientRef("patient-1"),
        encounter_class="AMB",
        date_of_service=date(2026, 3, 2),
        age_years=58,
        sex=Sex.FEMALE,
        note_type_code="34131-3",
        note_type_name="Outpatient Progress note",
        author_role="physician",
        text=text,
        signed_at=SIGNED_AT,
        source="test",
    )
