"""What relatives have is coded as family history, never as the patient's (I.C.21.c.4, IV.J)."""

from collections.abc import Iterator

from clinical_coding.claim import Assertion
from clinical_coding.rules.draft import Add, Draft, Guideline
from clinical_coding.rules.history_codes import (
    FAMILY_HISTORY,
    bears_on_the_visit,
    history,
    history_code,
)

CODES_OF_FAMILY_HISTORY = ("Z80", "Z81", "Z82", "Z83", "Z84")
FAMILY = Guideline(section="I.C.21.c.4", says="family history of the condition")


def family_history(draft: Draft) -> Iterator[Add]:
    """A relative's condition is the patient's family history of it (I.C.21.c.4).

    Reported where it bears on the visit (IV.J).
    """
    for refused in draft.refused:
        spans = tuple(s for s in refused.evidence if s.assertion is Assertion.FAMILY)
        code = history_code(FAMILY_HISTORY, refused.code)
        if refused.named and spans and code and bears_on_the_visit(code, spans):
            yield Add(standing=history(code, refused, spans, FAMILY, draft))
