"""Two conditions that one code names together (I.B.9), linked by the word "with" (I.A.15).

The link is assumed where the note has both, unless it says that they are unrelated.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from clinical_coding.note import IcdCode
from clinical_coding.rules.draft import (
    Add,
    Change,
    Draft,
    Drop,
    Guideline,
    Standing,
    by_place,
)
from clinical_coding.rules.wording import sentence_says, words_say

DIABETES = Guideline(section="I.A.15, I.C.4.a", says="diabetes with its complication")
HYPERTENSION = Guideline(section="I.C.9.a", says="hypertension with heart or kidney disease")
HEART_DISEASE = Guideline(section="I.C.9.b", says="coronary artery disease with angina")
LINKED = Guideline(section="I.A.15", says="two conditions that one code names together")
IN_COMBINATION = Guideline(section="I.B.9", says="part of a combination code")
COMPLICATED = Guideline(section="I.C.4.a", says="diabetes that has a complication")

_UNRELATED = re.compile(
    r"\b(?:unrelated to|not (?:thought to be )?(?:due|related|secondary|attributable) to"
    r"|not caused by|non-?diabetic|non-?hypertensive)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """``first`` with ``second`` is ``together``; ``second`` stays beside it or is part of it.

    All but ``together`` are beginnings of codes. In ``together`` a leading dot stands for the
    category of the first. ``said`` must be in the words that name the second. ``both`` says that
    the first stays, too.
    """

    first: str
    second: str
    together: str
    stays: bool
    said: re.Pattern[str] = re.compile("")
    both: bool = False


_NEPHROPATHY = re.compile(r"nephropath", re.IGNORECASE)
_HYPERGLYCEMIA = re.compile(r"hyperglyc", re.IGNORECASE)
_POLY = re.compile(r"poly|peripheral|distal|sensory", re.IGNORECASE)

# Diabetes of any category, with what the Alphabetic Index lists below "Diabetes, with". The first
# that fits a condition is taken.
DIABETES_WITH = (
    Link(first="E", second="N18", together=".22", stays=True),
    Link(first="E", second="N28.9", together=".21", stays=False, said=_NEPHROPATHY),
    Link(first="E", second="H35.00", together=".319", stays=False),
    Link(first="E", second="H35.20", together=".3599", stays=False),
    Link(first="E", second="H35.21", together=".3591", stays=False),
    Link(first="E", second="H35.22", together=".3592", stays=False),
    Link(first="E", second="H35.23", together=".3593", stays=False),
    Link(first="E", second="H26.9", together=".36", stays=False),
    Link(first="E", second="G62.9", together=".42", stays=False, said=_POLY),
    Link(first="E", second="G62.9", together=".40", stays=False),
    Link(first="E", second="G90.9", together=".43", stays=False),
    Link(first="E", second="K31.84", together=".43", stays=True),
    Link(first="E", second="I96", together=".52", stays=False),
    Link(first="E", second="I73.9", together=".51", stays=False),
    Link(first="E", second="I70.2", together=".51", stays=True),
    Link(first="E", second="M14.6", together=".610", stays=False),
    Link(first="E", second="L97", together=".621", stays=True),
    Link(first="E", second="E16.2", together=".649", stays=False),
    Link(first="E", second="R73.9", together=".65", stays=False, said=_HYPERGLYCEMIA),
    Link(first="E", second="M86", together=".69", stays=True),
)
OTHER_LINKS = (
    Link(first="J44.9", second="J18", together="J44.0", stays=True),
    Link(first="J44.9", second="J20", together="J44.0", stays=True),
    Link(first="J44.1", second="J18", together="J44.0", stays=True, both=True),
    Link(first="J44.1", second="J20", together="J44.0", stays=True, both=True),
    Link(first="D64.9", second="N18", together="D63.1", stays=True),
    Link(first="D64.9", second="C", together="D63.0", stays=True),
)
CORONARY_WITH = (
    Link(first="I25.10", second="I20.0", together="I25.110", stays=False),
    Link(first="I25.10", second="I20.9", together="I25.119", stays=False),
    Link(first="I25.10", second="I20.89", together="I25.118", stays=False),
)
_DIABETES = ("E08", "E09", "E10", "E11", "E13")
_HEART_FAILURE = ("I50",)
_HEART_INVOLVED = ("I51.4", "I51.5", "I51.7", "I51.89", "I51.9")
_KIDNEY_DISEASE = ("N18",)
_END_STAGE = ("N18.5", "N18.6")


def diabetes_with_its_complications(draft: Draft) -> Iterator[Change]:
    """Diabetes and what it is known to lead to are coded together (I.A.15, I.C.4.a).

    A complication that the note tells in the words of diabetes already is not told twice.
    """
    diabetes = next(iter(draft.documented(*_DIABETES)), None)
    if diabetes is None:
        return
    told: set[str] = set()
    for link, one in sorted(_linked(DIABETES_WITH, diabetes, draft), key=_order_of_links):
        together = IcdCode(diabetes.code[:3] + link.together)
        kind = _kind_of_complication(together)
        if not (draft.has(kind) or kind in told):
            yield from _joined(together, (diabetes, one), DIABETES, draft)
        yield from _beside(link, one, DIABETES, draft)
        told.add(kind)


def diabetes_without_complications_stands_alone(draft: Draft) -> Iterator[Drop]:
    """Diabetes "without complications" contradicts a code for one of them (I.C.4.a)."""
    for one in draft.starting_with(*_DIABETES):
        others = (other for other in draft.starting_with(one.code[:3]) if other.code != one.code)
        if one.code[3:] == ".9" and next(others, None) is not None:
            yield Drop(code=one.code, why=COMPLICATED)


def hypertension_with_heart_or_kidney_disease(draft: Draft) -> Iterator[Change]:
    """Hypertension with heart failure is I11, with chronic kidney disease I12, with both I13 (I.C.9.a).

    The kind of heart failure (a.1) and the stage of the kidney disease (a.2) are coded after it.
    """
    pressure = draft.documented("I10", "I11", "I12")
    failing = _related(draft.documented(*_HEART_FAILURE), draft)
    involved = _related(draft.documented(*_HEART_INVOLVED), draft)
    kidneys = _related(draft.documented(*_KIDNEY_DISEASE), draft)
    parts = (*pressure, *failing, *involved, *kidneys)
    code = _hypertensive(parts)
    if not pressure or code is None or not any(map(draft.stands, parts)):
        return
    yield from _joined(code, parts, HYPERTENSION, draft)
    for one in (*failing, *kidneys):
        yield Add(standing=draft.for_review(one).because(HYPERTENSION))
    for one in (*pressure, *involved):
        if one.code != code:
            yield Drop(code=one.code, why=IN_COMBINATION)


def coronary_disease_with_angina(draft: Draft) -> Iterator[Change]:
    """Angina of a patient with coronary artery disease is due to it (I.C.9.b)."""
    yield from _replaced(CORONARY_WITH, HEART_DISEASE, draft)


def conditions_that_one_code_names(draft: Draft) -> Iterator[Change]:
    """What "with", "due to" or "in" links in the Alphabetic Index is one code (I.A.15, I.B.9)."""
    yield from _replaced(OTHER_LINKS, LINKED, draft)


def _replaced(links: tuple[Link, ...], why: Guideline, draft: Draft) -> Iterator[Change]:
    for first in draft.documented():
        for link, second in _linked(links, first, draft):
            yield from _joined(IcdCode(link.together), (first, second), why, draft)
            yield from _beside(link, second, why, draft)
            if not link.both:
                yield Drop(code=first.code, why=IN_COMBINATION)


def _linked(
    links: tuple[Link, ...], first: Standing, draft: Draft
) -> Iterator[tuple[Link, Standing]]:
    """Each condition with the first link that it has with ``first``; one of the two stands."""
    fitting = [link for link in links if first.code.startswith(link.first)]
    for one in _related(draft.documented(), draft) if fitting else ():
        for link in fitting:
            named = one.code.startswith(link.second) and (draft.stands(one) or draft.stands(first))
            if named and words_say(link.said, draft.note.text, one.evidence):
                yield link, one
                break


def _related(codes: tuple[Standing, ...], draft: Draft) -> tuple[Standing, ...]:
    """Those whose sentences do not say that they are unrelated (I.A.15)."""
    return tuple(
        one for one in codes if not sentence_says(_UNRELATED, draft.note.text, one.evidence)
    )


def _joined(
    code: IcdCode, parts: tuple[Standing, ...], why: Guideline, draft: Draft
) -> Iterator[Add]:
    """The code of the parts together: as likely as the least likely of them, for review at least."""
    one = Standing(
        code=code,
        probability=min(part.probability for part in parts),
        evidence=by_place(*(part.evidence for part in parts)),
        named=all(part.named for part in parts),
    )
    yield Add(standing=draft.for_review(one).because(why))


def _beside(link: Link, second: Standing, why: Guideline, draft: Draft) -> Iterator[Change]:
    """What becomes of the second part: coded beside the two together, or part of them."""
    if link.stays:
        yield Add(standing=draft.for_review(second).because(why))
    else:
        yield Drop(code=second.code, why=IN_COMBINATION)


def _order_of_links(linked: tuple[Link, Standing]) -> int:
    return DIABETES_WITH.index(linked[0])


def _kind_of_complication(code: IcdCode) -> str:
    """The beginning that complications of one organ share: E11.2 the kidney, E11.62 the skin."""
    return code[:6] if code[4] == "6" else code[:5]


def _hypertensive(parts: Iterable[Standing]) -> IcdCode | None:
    """The code of hypertension with what else there is; None where there is nothing else."""
    codes = [part.code for part in parts]
    failing = any(code.startswith((*_HEART_FAILURE, "I11.0")) for code in codes)
    heart = failing or any(code.startswith((*_HEART_INVOLVED, "I11")) for code in codes)
    end_stage = any(code.startswith((*_END_STAGE, "I12.0")) for code in codes)
    kidneys = any(code.startswith((*_KIDNEY_DISEASE, "I12")) for code in codes)
    if heart and kidneys:
        stages = ("I13.0", "I13.2") if failing else ("I13.10", "I13.11")
        return IcdCode(stages[end_stage])
    if kidneys:
        return IcdCode("I12.0" if end_stage else "I12.9")
    return IcdCode("I11.0" if failing else "I11.9") if heart else None
