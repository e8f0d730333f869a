"""The coded-claim event, and how a coding becomes one."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from clinical_coding.claim import Diagnosis, DroppedCode, Profile
from clinical_coding.note import EncounterId, NoteId, NoteStatus, PatientRef

CLAIM_NAMESPACE = uuid.UUID(
    "6a9c1f3e-6f0f-5c7e-9d55-0f2d6f1c8a11"
)  # of every event_id; never changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """How long one note took on its way."""

    published_at: datetime
    batch_notes: int
    engine_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCoded:
    """The worker's answer for one note version; fields as in ``avro/claim_coded.avsc``."""

    event_id: str
    note_id: NoteId
    note_version: int
    note_status: NoteStatus
    encounter_id: EncounterId
    patient_ref: PatientRef
    encounter_class: str
    date_of_service: date
    profile: Profile
    diagnoses: tuple[Diagnosis, ...]
    dropped: tuple[DroppedCode, ...]
    warnings: tuple[str, ...] = ()
    supersedes: str | None = None
    model_version: str
    encoder: str
    code_set: str
    note_signed_at: datetime
    coded_at: datetime
    timings: Timings


def claim_event_id(
    note_id: NoteId, note_version: int, profile: Profile, model_version: str, code_set: str
) -> str:
    """The id of the claim that these five make: the same five, the same id, wherever coded."""
    name = "\x1f".join((note_id, str(note_version), profile, model_version, code_set))
    return str(uuid.uuid5(CLAIM_NAMESPACE, name))
