"""Conditions of the past: which are still there, and which are a history code only (IV.I, IV.J)."""

import re

from clinical_coding.claim import Assertion, Evidence
from clinical_coding.note import Note
from clinical_coding.rules.chronic import is_chronic
from clinical_coding.rules.draft import Guideline
from clinical_coding.rules.wording import sentence_says

PAST = Guideline(section="IV.J", says="past condition that is not there any more")
CHRONIC = Guideline(section="IV.I", says="condition of the past history that lasts")

_HISTORY_SECTIONS = frozenset({"pmh", "psh"})
_MALIGNANT = tuple(f"C{tens}" for tens in range(10))
_UNDER_TREATMENT = re.compile(
    r"\b(?:(?:currently|now|still|remains?|continu\w+) (?:on|undergoing|receiving|with)|undergoing"
    r"|on (?:adjuvant |palliative |maintenance )?(?:chemo\w*|immunotherapy|radiation|hormon\w+)"
    r"|receiving (?:chemo\w*|immunotherapy|radiation)|active(?:ly)? treat\w*|metastatic)\b",
    re.IGNORECASE,
)


def past_condition(code: str, span: Evidence, note: Note) -> Guideline | None:
    """Why a past condition is no evidence: it was treated and does not exist any more (IV.J).

    A chronic one is still there (IV.I); so is a cancer that is still treated (I.C.2.m).
    """
    if not is_past(span) or is_chronic(code) or is_treated_cancer(code, span, note):
        return None
    return PAST


def is_past(span: Evidence) -> bool:
    """Whether the note tells it as history: by its words or by the section."""
    return span.assertion is Assertion.HISTORICAL or span.section in _HISTORY_SECTIONS


def is_treated_cancer(code: str, span: Evidence, note: Note) -> bool:
    """Whether a malignancy is under treatment by the words of its sentence (I.C.2.m)."""
    return code.startswith(_MALIGNANT) and sentence_says(_UNDER_TREATMENT, note.text, (span,))
