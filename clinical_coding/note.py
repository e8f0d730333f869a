"""A clinical note as the coding engine sees it, and the words that describe one."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NewType

NoteId = NewType("NoteId", str)
EncounterId = NewType("EncounterId", str)
PatientRef = NewType("PatientRef", str)  # pseudonym, never a record number
IcdCode = NewType("IcdCode", str)  # with its dot: "E11.9"

INPATIENT_CLASSES = frozenset({"IMP", "ACUTE", "NONAC"})


class Sex(StrEnum):
    """Administrative gender (FHIR AdministrativeGender)."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class NoteStatus(StrEnum):
    """Where a note is in its life: a retracted note retracts its claim, an amended one replaces it."""

    SIGNED = "signed"
    AMENDED = "amended"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the engine needs of one signed note.

    ``text`` is exactly as received: every span in a claim counts its characters (Python code
    points). ``encounter_class`` is an HL7 v3 ActEncounterCode (AMB, EMER, IMP ...). ``age_years``
    is None when unknown.
    """

    text: str = field(repr=False)  # PHI
    encounter_class: str = "AMB"
    date_of_service: date
    age_years: int | None = None
    sex: Sex = Sex.UNKNOWN

    @property
    def is_inpatient(self) -> bool:
        """Whether inpatient rules apply (guidelines section II), not outpatient ones (IV)."""
        return self.encounter_class in INPATIENT_CLASSES


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledNote:
    """A note with the codes that a coder, or the generator that wrote it, stands behind.

    ``codes`` are billable leaves in claim order, first-listed first. For training and evaluation
    only: gold codes are never part of an event.
    """

    note_id: NoteId
    note: Note
    codes: tuple[IcdCode, ...]
