"""The note event: the only one that carries note text."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated

from annotated_types import Ge, Le, MinLen
from pydantic import ConfigDict

from clinical_coding.note import EncounterId, Note, NoteId, NoteStatus, PatientRef, Sex


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedText:
    """A text that only opens with its key (``schemas.sealed_text``); base64 where it is JSON."""

    __pydantic_config__ = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    key_id: str
    wrapped_key: bytes
    nonce: bytes
    ciphertext: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSigned:
    """A clinician signed, amended or retracted a note; fields as in ``avro/note_signed.avsc``."""

    note_id: Annotated[NoteId, MinLen(1)]
    note_version: Annotated[int, Ge(1)] = 1
    status: NoteStatus = NoteStatus.SIGNED
    encounter_id: Annotated[EncounterId, MinLen(1)]
    patient_ref: PatientRef
    encounter_class: str
    date_of_service: date
    age_years: Annotated[int, Ge(0), Le(150)] | None = None
    sex: Sex
    note_type_code: str
    note_type_name: str
    author_role: str
    text: str = field(repr=False)  # PHI
    signed_at: datetime
    source: str
    sealed_text: SealedText | None = None

    def note(self) -> Note:
        """What the coding engine sees of the event."""
        return Note(
            text=self.text,
            encounter_class=self.encounter_class,
            date_of_service=self.date_of_service,
            age_years=self.age_years,
            sex=self.sex,
        )
