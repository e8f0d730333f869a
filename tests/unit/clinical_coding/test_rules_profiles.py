"""From candidates to what each profile reports."""

from pathlib import Path

import pytest

from clinical_coding.candidates import Candidate, Naming
from clinical_coding.claim import Assertion, Profile
from clinical_coding.leaves import Context, Leaf
from clinical_coding.mentions import Mention
from clinical_coding.note import IcdCode, Note
from clinical_coding.rules.admission import Question
from clinical_coding.rules.draft import Draft
from clinical_coding.rules.profiles import CLAIM_RULES, under_the_guidelines
from clinical_coding.term_table import TermKind
from tests.drafts import REVIEW, note
from tests.fakes.conventions import StatedConventions

OUTPATIENT, INPATIENT = note(), note(inpatient=True)


def _named(
    code: str, start: int = 0, held: Assertion = Assertion.PRESENT, section: str = ""
) -> Candidate:
    """A candidate that one phrase of five characters names."""
    mention = Mention(
        start=start, end=start + 5, sentence=0, first=0, last=1, terms=(), assertion=held,
        section=section, context=Context(words=frozenset()), words=frozenset(), length=1,
        weight=1.0, share=1.0, respelt=False,
    )  # fmt: skip
    leaf = Leaf(code=IcdCode(code), supported=0, unspecified=False)
    naming = Naming(mention=mention, kind=TermKind.TITLE, leaf=leaf, readings=1)
    return Candidate(code=IcdCode(code), namings=(naming,), likeness=None)


def _coded(
    *ranked: tuple[Candidate, float], of: Note = OUTPATIENT, profile: Profile = Profile.CLAIM
) -> tuple[Draft, list[tuple[str, str, str | None]]]:
    question = Question(note=of, profile=profile, conventions=StatedConventions(), review=REVIEW)
    draft, dropped = under_the_guidelines(ranked, question)
    return draft, [(drop.code, drop.reason, drop.rule) for drop in dropped]


def _codes(draft: Draft) -> list[str]:
    return [one.code for one in draft.standing]


@pytest.mark.parametrize(
    ("held", "reason", "rule"),
    [
        (Assertion.ABSENT, "negated in the note", None),
        (Assertion.FAMILY, "family history", "I.C.21.c.4"),
        (Assertion.HYPOTHETICAL, "hypothetical in the note", None),
        (Assertion.CONDITIONAL, "conditional in the note", None),
        (Assertion.POSSIBLE, "uncertain diagnosis of an outpatient", "IV.H"),
        (Assertion.HISTORICAL, "past condition that is not there any more", "IV.J"),
    ],
)
def test_what_the_patient_does_not_have_now_is_not_coded_and_the_reason_is_told(
    held: Assertion, reason: str, rule: str | None
) -> None:
    """However likely or unlikely the ranker finds it."""
    for probability in (0.001, 0.999):
        draft, dropped = _coded((_named("J18.9", held=held), probability))

        assert _codes(draft) == []
        assert dropped == [("J18.9", reason, rule)]


def test_an_uncertain_diagnosis_is_coded_for_an_inpatient_unless_it_must_be_confirmed() -> None:
    draft, dropped = _coded(
        (_named("J18.9", held=Assertion.POSSIBLE), 0.9),
        (_named("U07.1", 10, held=Assertion.POSSIBLE), 0.9),
        of=INPATIENT,
    )

    assert _codes(draft) == ["J18.9"]
    assert "II.H uncertain diagnosis of an inpatient" in draft.standing[0].rules
    assert dropped == [("U07.1", "coded only when it is confirmed", "II.H")]


def test_family_history_has_codes_of_its_own() -> None:
    assert _codes(_coded((_named("Z80.3", held=Assertion.FAMILY), 0.9))[0]) == ["Z80.3"]


def test_of_the_past_history_only_what_lasts_is_coded_on_a_claim() -> None:
    """Hypertension stays, appendicitis is over, and a history code says so itself."""
    past = [
        (_named(code, at * 10, section="pmh"), 0.9)
        for at, code in enumerate(("I10", "K35.80", "Z85.3"))
    ]

    assert set(_codes(_coded(*past)[0])) == {"I10", "Z85.3"}
    assert set(_codes(_coded(*past, profile=Profile.MENTIONS)[0])) == {"I10", "K35.80", "Z85.3"}


def test_words_that_are_denied_once_and_present_once_are_evidence_where_present() -> None:
    """Only the span that counts is shown."""
    here, denied = _named("R05.9", 0), _named("R05.9", 50, Assertion.ABSENT)
    both = Candidate(code=here.code, namings=here.namings + denied.namings, likeness=None)
    (coded,) = _coded((both, 0.9))[0].standing

    assert [(span.start, span.end) for span in coded.evidence] == [(0, 5)]


def test_below_the_review_bar_is_dropped_and_far_below_not_even_told() -> None:
    draft, dropped = _coded((_named("I10", 0), 0.4), (_named("E11.9", 10), 0.01))

    assert _codes(draft) == []
    assert dropped == [("I10", "below the review threshold", None)]


def test_the_mentions_profile_keeps_every_documented_condition() -> None:
    """No combination, no integral symptom, no order of a claim: what is said is listed."""
    said = [
        (_named(code, at * 10), 0.9) for at, code in enumerate(("I10", "I50.9", "R06.00", "E11.9"))
    ]

    assert set(_codes(_coded(*said, profile=Profile.MENTIONS)[0])) == {
        "I10", "I50.9", "R06.00", "E11.9",
    }  # fmt: skip
    assert set(_codes(_coded(*said)[0])) == {"I11.0", "I50.9", "E11.9"}


def test_the_order_of_candidates_does_not_matter() -> None:
    candidates = [
        (_named(code, at * 7), 0.6 + at / 100)
        for at, code in enumerate(("I10", "E11.9", "R05.9", "J45.909", "N18.4", "I50.9"))
    ]

    assert _coded(*candidates) == _coded(*reversed(candidates))


def test_the_manual_tells_of_every_rule() -> None:
    manual = (Path(__file__).parents[3] / "docs" / "rules.md").read_text()

    assert not [rule.__name__ for rule in CLAIM_RULES if f"`{rule.__name__}`" not in manual]
