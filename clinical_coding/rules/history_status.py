"""Z codes of what was and of what stays: personal history, drugs, body mass index (I.C.21.c)."""

import re
from collections.abc import Iterator

from clinical_coding.rules.draft import Add, Change, Draft, Drop, Guideline
from clinical_coding.rules.history_codes import (
    PERSONAL_HISTORY,
    bears_on_the_visit,
    history,
    history_code,
)
from clinical_coding.rules.past_conditions import PAST, is_treated_cancer
from clinical_coding.rules.wording import sentence_says

CANCER_REMOVED = Guideline(
    section="I.C.2.m", says="malignancy that was removed and is not treated any more"
)
PERSONAL = Guideline(section="I.C.21.c.4", says="personal history of the condition")
INSULIN = Guideline(section="I.C.4.a.3", says="insulin of a patient with diabetes")
BMI_ALONE = Guideline(section="I.B.14", says="body mass index without the diagnosis it belongs to")

_DIABETES_BUT_TYPE_1 = ("E08", "E09", "E11", "E13")
_SOLID_TUMOURS = tuple(f"C{tens}" for tens in range(8))  # leukemia and lymphoma go into remission
_WEIGHT = ("E40", "E41", "E43", "E44", "E45", "E46", "E64.0", "E66", "E88.82", "F50", "O99.21",
           "R62.7", "R63.4", "R63.5", "R63.6", "R64")  # fmt: skip
_REMOVED = re.compile(
    r"\b(?:resected|excised|removed|cured|eradicated|no evidence of (?:disease|recurrence)|NED"
    r"|(?:s/p|status[ -]post|underwent|after|had)\b[^,;]{0,40}?\b(?:\w+ectomy|resection|excision)"
    r"|treated (?:with|by) \w+ectomy|completed (?:chemo\w*|radiation|treatment)"
    r"|years? ago|(?:surgery|treated) in (?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_TEMPORARY_INSULIN = re.compile(
    r"\b(?:sliding scale|SSI|drip|infusion|IV insulin|perioperative|temporar\w+)\b", re.IGNORECASE
)


def removed_malignancy_is_history(draft: Draft) -> Iterator[Change]:
    """A malignancy that was excised, and that nothing is done about any more, is history (I.C.2.m).

    Its metastases are coded as long as they are there (I.C.2.d).
    """
    for one in draft.starting_with(*_SOLID_TUMOURS):
        code = history_code(PERSONAL_HISTORY, one.code)
        gone = all(sentence_says(_REMOVED, draft.note.text, (span,)) for span in one.evidence)
        treated = any(is_treated_cancer(one.code, span, draft.note) for span in one.evidence)
        if code and gone and not treated:
            yield Drop(code=one.code, why=CANCER_REMOVED)
            yield Add(standing=history(code, one, one.evidence, CANCER_REMOVED, draft))


def personal_history(draft: Draft) -> Iterator[Add]:
    """A past condition that is not there any more is a history code (I.C.21.c.4, IV.J)."""
    for refused in draft.refused:
        code = history_code(PERSONAL_HISTORY, refused.code)
        past = refused.why == PAST and refused.named
        if past and code and bears_on_the_visit(code, refused.evidence):
            yield Add(standing=history(code, refused, refused.evidence, PERSONAL, draft))


def insulin_with_diabetes(draft: Draft) -> Iterator[Add]:
    """Insulin that a patient with diabetes takes is coded beside it (I.C.4.a.3).

    Not with type 1, which is never without; nor what is given for a few days only.
    """
    if not draft.has(*_DIABETES_BUT_TYPE_1):
        return
    for one in draft.unlikely:
        lasting = not sentence_says(_TEMPORARY_INSULIN, draft.note.text, one.evidence)
        if one.code == "Z79.4" and one.named and lasting:
            yield Add(standing=draft.for_review(one).because(INSULIN))


def body_mass_index_with_its_diagnosis(draft: Draft) -> Iterator[Drop]:
    """A body mass index is coded only beside the diagnosis that makes it matter (I.B.14)."""
    if not draft.has(*_WEIGHT):
        for one in draft.starting_with("Z68"):
            yield Drop(code=one.code, why=BMI_ALONE)
