"""From a note event and its coding to the claim event."""

from datetime import datetime

from clinical_coding.claim import Coding, Profile
from schemas.claim_coded import ClaimCoded, Timings, claim_event_id
from schemas.note_signed import NoteSigned
from streams.note_coder import NoteCoder


def claim_of(
    event: NoteSigned,
    coding: Coding,
    coder: NoteCoder,
    coded_at: datetime,
    timings: Timings,
) -> ClaimCoded:
    """The claim for one note version; its id follows from that, the coder's names and the code set.

    A claim for a later version supersedes the one that the same coder makes for the version before,
    by the same code set: that an amendment moves a visit into another fiscal year is not foreseen.
    """
    return ClaimCoded(
        event_id=_event_id(event, event.note_version, coding, coder),
        note_id=event.note_id,
        note_version=event.note_version,
        note_status=event.status,
        encounter_id=event.encounter_id,
        patient_ref=event.patient_ref,
        encounter_class=event.encounter_class,
        date_of_service=event.date_of_service,
        profile=coding.profile,
        diagnoses=coding.diagnoses,
        dropped=coding.dropped,
        warnings=coding.warnings,
        supersedes=_superseded(event, coding, coder),
        model_version=coder.model_version,
        encoder=coder.encoder_name,
        code_set=coding.code_set,
        note_signed_at=event.signed_at,
        coded_at=coded_at,
        timings=timings,
    )


def withdrawal(event: NoteSigned, coder: NoteCoder, profile: Profile) -> Coding:
    """The coding of a retracted note: no diagnoses, which withdraws the claim before it."""
    code_set = coder.code_set_on(event.date_of_service)
    return Coding(profile=profile, code_set=code_set, diagnoses=(), dropped=())


def _superseded(event: NoteSigned, coding: Coding, coder: NoteCoder) -> str | None:
    earlier = event.note_version - 1
    return _event_id(event, earlier, coding, coder) if earlier else None


def _event_id(event: NoteSigned, version: int, coding: Coding, coder: NoteCoder) -> str:
    return claim_event_id(
        event.note_id, version, coding.profile, coder.model_version, coding.code_set
    )
