"""Which code comes first: the order of the diagnoses on a claim."""

from collections.abc import Iterable, Sequence

from clinical_coding.claim import Evidence
from clinical_coding.note import IcdCode

JUDGED = frozenset({"assessment", "discharge_diagnosis"})
LATE = 10**9  # after everything that has a place in the judgement
STATUS = ("Z79", "Z8", "Z9", "Z68", "Z66")


def claim_order(codes: Iterable[tuple[IcdCode, Sequence[Evidence]]]) -> tuple[IcdCode, ...]:
    """The codes in claim order, whatever their order before.

    Pregnancy first (I.C.15.a.1), external causes last (I.C.20.a.6), history and status after the
    conditions; among the rest what the assessment or the discharge diagnoses name first (II, IV.G),
    then the chief complaint, then the earlier words.
    """
    return tuple(code for code, _ in sorted(codes, key=_place))


def _place(entry: tuple[IcdCode, Sequence[Evidence]]) -> tuple[int, int, int, int, str]:
    code, evidence = entry
    judged = min((e.start for e in evidence if e.section in JUDGED), default=LATE)
    complained = 0 if any(e.section == "chief_complaint" for e in evidence) else 1
    earliest = min((e.start for e in evidence), default=LATE)
    return _group(code), judged, complained, earliest, code


def _group(code: IcdCode) -> int:
    if code.startswith("O"):
        return 0
    if code[0] in "VWXY":
        return 3
    return 2 if code.startswith(STATUS) else 1
