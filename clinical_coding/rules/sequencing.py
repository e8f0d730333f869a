"""In which order codes stand on a claim, and which one is first-listed or principal."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from clinical_coding.code_notes import covered
from clinical_coding.note import Note
from clinical_coding.rules.conventions import Conventions
from clinical_coding.rules.draft import Draft, Guideline, Standing, dropped
from clinical_coding.rules.external_causes import CIRCUMSTANCES, EXTERNAL_CAUSES

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
_STATUS_AND_HISTORY = ("Z66", "Z68", "Z79", "Z8", "Z9")
MAX_OUTPATIENT, MAX_INPATIENT = 12, 25  # diagnoses on a professional, an institutional claim

FIRST_LISTED = Guideline(section="IV.G", says="first-listed diagnosis")
PRINCIPAL = Guideline(section="II", says="principal diagnosis")
AFTER_ITS_CAUSE = Guideline(section="I.A.13", says="after the code that comes first")
TOO_MANY = Guideline(section=None, says="more diagnoses than a claim holds")


def sequenced(draft: Draft) -> Draft:
    """The draft in the order of a claim, its first diagnosis marked, with no more than it holds."""
    ordered = etiology_first(in_claim_order(draft.standing), draft.conventions)
    ordered = acceptable_first(ordered, draft.note, draft.conventions)
    room = MAX_INPATIENT if draft.note.is_inpatient else MAX_OUTPATIENT
    too_many = (dropped(one, TOO_MANY) for one in ordered[room:])
    return replace(
        draft,
        standing=tuple(_first_marked(ordered[:room], draft)),
        dropped=(*draft.dropped, *too_many),
    )


def in_claim_order(standing: Iterable[Standing]) -> tuple[Standing, ...]:
    """Diagnoses in the order of a claim before the tabular list has its say.

    Pregnancy codes come first (I.C.15.a.1), status and history codes behind the conditions
    (I.C.21.c.3, c.4), external causes last (I.C.20.a.6), place, activity and status behind them;
    within these what the clinician concludes before what the patient complains of (II, IV.G). The
    order of the input does not matter.
    """
    return tuple(sorted(standing, key=_place))


def etiology_first(ordered: Sequence[Standing], conventions: Conventions) -> tuple[Standing, ...]:
    """An underlying condition before what it causes, wherever both are coded (I.A.13, I.A.17).

    The two are neighbours, and the one that had to wait says so in its trace.
    """
    before = {
        one.code: tuple(other for other in ordered if _goes_before(other, one, conventions))
        for one in ordered
    }
    placed: dict[str, Standing] = {}

    def place(one: Standing, waiting: frozenset[str]) -> None:
        for cause in before[one.code]:
            if cause.code not in placed and cause.code not in waiting:
                place(cause, waiting | {one.code})
        moved = any(cause.code in placed for cause in before[one.code])
        placed.setdefault(one.code, one.because(AFTER_ITS_CAUSE) if moved else one)

    for one in ordered:
        place(one, frozenset())
    return tuple(placed.values())


def acceptable_first(
    ordered: Sequence[Standing], note: Note, conventions: Conventions
) -> tuple[Standing, ...]:
    """The first code that may be first is first, the others keep their order.

    An external cause never may (I.C.20.a.6), nor a manifestation (I.A.13), nor for an inpatient
    what explains no admission (MCE, unacceptable principal diagnosis).
    """
    for at, one in enumerate(ordered):
        if can_be_first(one.code, note, conventions):
            return (one, *ordered[:at], *ordered[at + 1 :])
    return tuple(ordered)


def can_be_first(code: str, note: Note, conventions: Conventions) -> bool:
    """Whether a code may be first-listed or principal."""
    edits = conventions.edits(code)
    if code.startswith(EXTERNAL_CAUSES) or edits.manifestation:
        return False
    return not (note.is_inpatient and edits.never_principal)


def _first_marked(ordered: Sequence[Standing], draft: Draft) -> Iterator[Standing]:
    for at, one in enumerate(ordered):
        first = at == 0 and can_be_first(one.code, draft.note, draft.conventions)
        yield one.because(PRINCIPAL if draft.note.is_inpatient else FIRST_LISTED) if first else one


def _goes_before(cause: Standing, one: Standing, conventions: Conventions) -> bool:
    return cause.code != one.code and covered(cause.code, conventions.code_first(one.code))


def _place(one: Standing) -> tuple[int, int, int, float, str]:
    # Within a section the first named is first: clinicians list the main problem first.
    section, start = min((_order(span.section), span.start) for span in one.evidence)
    return _group(one.code), section, start, -one.probability, one.code


def _order(section: str) -> int:
    return _SECTION_ORDER.get(section, _ANY_OTHER_SECTION)


def _group(code: str) -> int:
    if code.startswith("O"):
        return 0
    if code.startswith(CIRCUMSTANCES):
        return 4
    if code.startswith(EXTERNAL_CAUSES):
        return 3
    return 2 if code.startswith(_STATUS_AND_HISTORY) else 1
