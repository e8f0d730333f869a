"""In which order codes stand on a claim, and which one is first-listed or principal."""

from collections.abc import Sequence

from clinical_coding.claim import DroppedCode
from clinical_coding.note import Note
from clinical_coding.selection import Standing

# The fewer, the earlier. The reason for the visit stands where the clinician concludes, else where
# the patient complains (IV.G); what is only in the past history or a list comes last (IV.J).
_SECTION_ORDER = {
    "discharge_diagnosis": 0,
    "assessment": 1,
    "chief_complaint": 2,
    "hpi": 3,
    "hospital_course": 3,
    "": 3,
    "plan": 4,
    "pmh": 6,
    "psh": 6,
    "medications": 6,
}
_ANY_OTHER_SECTION = 5
_EXTERNAL_CAUSES = tuple("VWXY")
_STATUS_AND_HISTORY = ("Z66", "Z68", "Z79", "Z8", "Z9")
MAX_OUTPATIENT, MAX_INPATIENT = 12, 25  # diagnoses on a professional, an institutional claim

FIRST_LISTED, PRINCIPAL = "IV.G first-listed diagnosis", "II principal diagnosis"
TOO_MANY = "more diagnoses than a claim holds"


def on_claim(
    standing: Sequence[Standing], note: Note
) -> tuple[tuple[Standing, ...], tuple[DroppedCode, ...]]:
    """The diagnoses that a claim has room for, in its order, and those that it has not."""
    ordered = in_claim_order(standing)
    room = MAX_INPATIENT if note.is_inpatient else MAX_OUTPATIENT
    too_many = (
        DroppedCode(code=one.code, probability=one.probability, reason=TOO_MANY, rule=None)
        for one in ordered[room:]
    )
    return ordered[:room], tuple(too_many)


def in_claim_order(standing: Sequence[Standing]) -> tuple[Standing, ...]:
    """Diagnoses in the order of a claim, its first-listed or principal diagnosis first.

    Pregnancy codes come first (I.C.15.a.1), status and history codes behind the conditions
    (I.C.21.c.3, c.4), external causes last (I.C.20.a.6); within these what the clinician concludes
    before what the patient complains of (II, IV.G). The order of the input does not matter.
    """
    return tuple(sorted(standing, key=_place))


def can_be_first(code: str) -> bool:
    """Whether a code may be first-listed or principal: an external cause may not (I.C.20.a.6)."""
    return not code.startswith(_EXTERNAL_CAUSES)


def _place(one: Standing) -> tuple[int, int, int, float, str]:
    # Within a section the first named is first: clinicians list the main problem first.
    section, start = min((_order(span.section), span.start) for span in one.evidence)
    return _group(one.code), section, start, -one.probability, one.code


def _order(section: str) -> int:
    return _SECTION_ORDER.get(section, _ANY_OTHER_SECTION)


def _group(code: str) -> int:
    if code.startswith("O"):
        return 0
    if code.startswith(_EXTERNAL_CAUSES):
        return 3
    return 2 if code.startswith(_STATUS_AND_HISTORY) else 1
