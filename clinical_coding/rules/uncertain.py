"""Diagnoses that the clinician holds for possible, probable or suspected (IV.H, II.H)."""

from clinical_coding.claim import Assertion, Evidence
from clinical_coding.note import Note
from clinical_coding.rules.draft import Guideline

OUTPATIENT = Guideline(section="IV.H", says="uncertain diagnosis of an outpatient")
INPATIENT = Guideline(section="II.H", says="uncertain diagnosis of an inpatient")
UNCONFIRMED = Guideline(section="II.H", says="coded only when it is confirmed")

# HIV (I.C.1.a), Zika (I.C.1.f), COVID-19 (I.C.1.g), identified influenza (I.C.10.c).
_CONFIRMED_ONLY = ("B20", "Z21", "A92.5", "U07.1", "J09", "J10")


def uncertain_diagnosis(code: str, span: Evidence, note: Note) -> Guideline | None:
    """Why an uncertain diagnosis is no evidence: an outpatient's symptoms are coded instead (IV.H).

    For an inpatient it is coded as if it existed (II.H, III.C), but for infections that must be
    confirmed.
    """
    if span.assertion is not Assertion.POSSIBLE:
        return None
    if not note.is_inpatient:
        return OUTPATIENT
    return UNCONFIRMED if code.startswith(_CONFIRMED_ONLY) else None
