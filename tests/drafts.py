"""Drafts for tests of rules: codes on words of a note."""

from datetime import date

from clinical_coding.claim import Assertion, Evidence
from clinical_coding.note import IcdCode, Note, Sex
from clinical_coding.rules.conventions import Conventions
from clinical_coding.rules.draft import Draft, Guideline, Refused, Rule, Standing, apply
from tests.fakes.conventions import StatedConventions

DAY = date(2026, 5, 1)
REVIEW = 0.5


def note(
    text: str = "", *, inpatient: bool = False, age: int | None = None, sex: Sex = Sex.UNKNOWN
) -> Note:
    """A note of that text."""
    return Note(
        text=text,
        encounter_class="IMP" if inpatient else "AMB",
        date_of_service=DAY,
        age_years=age,
        sex=sex,
    )


def span(
    start: int = 0,
    end: int = 5,
    *,
    section: str = "",
    held: Assertion = Assertion.PRESENT,
) -> Evidence:
    """Words of a note."""
    return Evidence(start=start, end=end, section=section, assertion=held, match="title")


def on_words(words: str, text: str, *, held: Assertion = Assertion.PRESENT) -> Evidence:
    """The span of words where they first stand in a text."""
    start = text.index(words)
    return span(start, start + len(words), held=held)


def code(
    name: str,
    probability: float = 0.9,
    *spans: Evidence,
    named: bool = True,
    unspecified: bool = False,
) -> Standing:
    """A code, on words of its own where none are given."""
    return Standing(
        code=IcdCode(name),
        probability=probability,
        evidence=spans or (span(),),
        named=named,
        unspecified=unspecified,
    )


def refused(name: str, why: Guideline, *spans: Evidence, named: bool = True) -> Refused:
    """A code whose words do not count."""
    return Refused(code=IcdCode(name), probability=0.3, evidence=spans, named=named, why=why)


def draft(
    *standing: Standing,
    of: Note | None = None,
    unlikely: tuple[Standing, ...] = (),
    refusals: tuple[Refused, ...] = (),
    conventions: Conventions | None = None,
) -> Draft:
    """The codes as a rule meets them."""
    return Draft(
        note=of or note(),
        conventions=conventions or StatedConventions(),
        review=REVIEW,
        standing=standing,
        unlikely=unlikely,
        refused=refusals,
    )


def codes_after(rule: Rule, before: Draft) -> set[str]:
    """The codes that stand when a rule has been applied."""
    return {one.code for one in apply(rule, before).standing}
