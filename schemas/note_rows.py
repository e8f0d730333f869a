"""One row of a user's file as a note event: which fields it may have, and what each one left out means.

Needed: ``note_id`` (or ``id``) and ``text``, which may be empty. The rest has a default:

=================  =============================================================================
encounter_id       the note's id: each note is an encounter of its own
note_version       1
status             signed for version 1, amended for a higher one
patient_ref        unknown; a pseudonym, never a record number
patient_id (mrn)   not known; where there is no patient_ref it becomes one by keyed hash
encounter_class    AMB, an outpatient visit (HL7 v3 ActEncounterCode; IMP is an inpatient stay)
date_of_service    the day of ``signed_at``
age_years (age)    not known
sex                unknown; F, M, female, male, other, unknown in any case
note_type          empty; a LOINC code or words. Or apart: note_type_code, note_type_name
author_role        empty
signed_at          the moment of reading; without a time zone it is UTC
source             file
=================  =============================================================================

Dates and times are ISO 8601. Other fields are ignored. A reason never quotes a value.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BeforeValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError
from typing_extensions import override

from clinical_coding.note import EncounterId, NoteId, NoteStatus, PatientRef, Sex
from schemas.note_signed import NoteSigned

OTHER_NAMES = {"id": "note_id", "age": "age_years", "mrn": "patient_id"}
UNKNOWN = PatientRef("unknown")
PatientRefs = Callable[[str], PatientRef | None]  # of an identifier; None where there is no key
LOINC = re.compile(r"\d{1,7}-\d")
LATEST_VERSION = 2**31 - 1  # an Avro int
Word = Annotated[str, MaxLen(1000)]
NO_PATIENT = (
    "expected a key for patient_id, which must not be published as it is; got none; set "
    "CMC_PRODUCER_PATIENT_KEYS (`codemychart patient-refs --help`) or leave the field out"
)
LONGEST_TEXT = 4 * 1024 * 1024 - 128 * 1024  # bytes of UTF-8: a record less its other fields


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """A row that cannot be published: where it stands and why, without any of its text."""

    file: str
    line: int  # counts from 1; where the row begins
    reason: str

    @override
    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


def _sex(value: object) -> object:
    word = value.strip().lower() if isinstance(value, str) else value
    return {"f": Sex.FEMALE, "m": Sex.MALE, "o": Sex.OTHER, "u": Sex.UNKNOWN}.get(str(word), word)


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _instant(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:  # its message quotes the value
        raise PydanticCustomError("iso_time", "Input should be an ISO 8601 time") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow:
    """The fields as they stand in a file; None where one is left out."""

    __pydantic_config__ = ConfigDict(coerce_numbers_to_str=True, extra="ignore")

    note_id: Annotated[Word, MinLen(1)]
    text: str = field(repr=False)  # PHI
    encounter_id: Word | None = None
    note_version: Annotated[int, Ge(1), Le(LATEST_VERSION)] = 1
    status: Annotated[NoteStatus | None, BeforeValidator(_lower)] = None
    patient_ref: Word | None = None
    patient_id: Word | None = field(default=None, repr=False)  # PHI
    encounter_class: Word | None = None
    date_of_service: date | None = None
    age_years: Annotated[int, Ge(0), Le(150)] | None = None
    sex: Annotated[Sex, BeforeValidator(_sex)] = Sex.UNKNOWN
    note_type: Word | None = None
    note_type_code: Word | None = None
    note_type_name: Word | None = None
    author_role: Word | None = None
    signed_at: Annotated[datetime | None, BeforeValidator(_instant)] = None
    source: Word | None = None


ROW = TypeAdapter(NoteRow)


def no_refs(_: str) -> PatientRef | None:
    """What there is without a key."""
    return None


def event_of(
    fields: Mapping[str, object], now: datetime, refs: PatientRefs = no_refs
) -> NoteSigned | str:
    """The event that a row's fields make, or the reason why they make none.

    ``now`` is an aware moment: what ``signed_at`` is where the row does not say. ``refs`` turns a
    ``patient_id`` into a pseudonym.
    """
    given = {
        OTHER_NAMES.get(name.strip().lower(), name.strip().lower()): value
        for name, value in fields.items()
        if value is not None
    }
    missing = [name for name in ("note_id", "text") if name not in given]
    if missing:
        return f"expected {' and '.join(missing)}; got none; add it"
    if not all(_is_unicode(value) for value in given.values()):
        return "expected UTF-8; got bytes or half characters that are not; save the file as UTF-8"
    if isinstance(text := given["text"], str) and len(text.encode()) > LONGEST_TEXT:
        return (
            f"expected a text of at most {LONGEST_TEXT} bytes, which the broker takes; "
            f"got {len(text.encode())}; split the note"
        )
    try:
        row = ROW.validate_python(given)
    except ValidationError as error:
        return _reason(error)
    patient = _patient(row, refs)
    return _event(row, patient, now) if patient else NO_PATIENT


def _patient(row: NoteRow, refs: PatientRefs) -> PatientRef | None:
    """None where the row has an identifier only and there is no key for a pseudonym."""
    if row.patient_ref:
        return PatientRef(row.patient_ref)
    return refs(row.patient_id) if row.patient_id else UNKNOWN


def _event(row: NoteRow, patient: PatientRef, now: datetime) -> NoteSigned:
    signed = row.signed_at or now
    signed = signed.replace(tzinfo=UTC) if signed.tzinfo is None else signed.astimezone(UTC)
    words = row.note_type or ""
    code, name = (words, "") if LOINC.fullmatch(words) else ("", words)
    first = NoteStatus.SIGNED if row.note_version == 1 else NoteStatus.AMENDED
    return NoteSigned(
        note_id=NoteId(row.note_id),
        note_version=row.note_version,
        status=row.status or first,
        encounter_id=EncounterId(row.encounter_id or row.note_id),
        patient_ref=patient,
        encounter_class=(row.encounter_class or "AMB").strip().upper(),
        date_of_service=row.date_of_service or signed.date(),
        age_years=row.age_years,
        sex=row.sex,
        note_type_code=row.note_type_code or code,
        note_type_name=row.note_type_name or name,
        author_role=row.author_role or "",
        text=row.text,
        signed_at=signed,
        source=row.source or "file",
    )


def _reason(error: ValidationError) -> str:
    problems = (
        f"{'.'.join(map(str, problem['loc'][:1]))}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False)
    )
    return f"expected fields as documented; got others: {'; '.join(problems)}; correct the row"


def _is_unicode(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
