"""Which candidates are coded, which are not, and why."""

from datetime import date

import pytest

from clinical_coding.candidates import Candidate, Naming
from clinical_coding.chronic import is_chronic
from clinical_coding.claim import Assertion, Profile
from clinical_coding.integral_symptoms import covering
from clinical_coding.leaves import Context, Leaf
from clinical_coding.mentions import Mention
from clinical_coding.note import IcdCode, Note
from clinical_coding.selection import Selection, select
from clinical_coding.sequencing import can_be_first, in_claim_order, on_claim
from clinical_coding.term_table import TermKind

OUTPATIENT = Note(text="", date_of_service=date(2026, 5, 1))
INPATIENT = Note(text="", date_of_service=date(2026, 5, 1), encounter_class="IMP")


def _named(
    code: str,
    start: int = 0,
    held: Assertion = Assertion.PRESENT,
    section: str = "",
    *,
    unspecified: bool = False,
) -> Candidate:
    """A candidate that one phrase of five characters names."""
    mention = Mention(
        start=start, end=start + 5, sentence=0, first=0, last=1, terms=(), assertion=held,
        section=section, context=Context(words=frozenset()), words=frozenset(), length=1,
        weight=1.0, share=1.0, respelt=False,
    )  # fmt: skip
    leaf = Leaf(code=IcdCode(code), supported=0, unspecified=unspecified)
    naming = Naming(mention=mention, kind=TermKind.TITLE, leaf=leaf, readings=1)
    return Candidate(code=IcdCode(code), namings=(naming,), likeness=None)


def _select(
    *candidates: tuple[Candidate, float], note: Note = OUTPATIENT, profile: Profile = Profile.CLAIM
) -> Selection:
    return select(candidates, note, profile, review=0.5)


def _codes(selection: Selection) -> list[str]:
    return [one.code for one in selection.standing]


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
        selection = _select((_named("J18.9", held=held), probability))

        assert selection.standing == ()
        assert [(d.reason, d.rule) for d in selection.dropped] == [(reason, rule)]


def test_an_uncertain_diagnosis_is_coded_for_an_inpatient() -> None:
    uncertain = (_named("J18.9", held=Assertion.POSSIBLE), 0.9)

    assert _codes(_select(uncertain, note=INPATIENT)) == ["J18.9"]


def test_family_history_has_codes_of_its_own() -> None:
    assert _codes(_select((_named("Z80.3", held=Assertion.FAMILY), 0.9))) == ["Z80.3"]


def test_of_the_past_history_only_what_lasts_is_coded_on_a_claim() -> None:
    """Hypertension stays, appendicitis is over, and a history code says so itself."""
    past = [
        (_named(code, at * 10, section="pmh"), 0.9)
        for at, code in enumerate(("I10", "K35.80", "Z85.3"))
    ]

    assert set(_codes(_select(*past))) == {"I10", "Z85.3"}
    assert set(_codes(_select(*past, profile=Profile.MENTIONS))) == {"I10", "K35.80", "Z85.3"}


def test_words_that_are_denied_once_and_present_once_are_evidence_where_present() -> None:
    """Only the span that counts is shown."""
    here, denied = _named("R05.9", 0), _named("R05.9", 50, Assertion.ABSENT)
    both = Candidate(code=here.code, namings=here.namings + denied.namings, likeness=None)
    (coded,) = _select((both, 0.9)).standing

    assert [(span.start, span.end) for span in coded.evidence] == [(0, 5)]


def test_below_the_review_bar_is_dropped_and_far_below_not_even_told() -> None:
    selection = _select((_named("I10", 0), 0.4), (_named("E11.9", 10), 0.01))

    assert [(d.code, d.reason) for d in selection.dropped] == [
        ("I10", "below the review threshold")
    ]


def test_the_same_words_are_coded_once_by_the_likelier_code() -> None:
    selection = _select((_named("C50.919"), 0.6), (_named("D05.90"), 0.9))

    assert _codes(selection) == ["D05.90"]
    assert selection.dropped[0].reason == "the same words support a likelier code"


def test_one_code_of_a_category_unless_other_words_name_another_detail() -> None:
    """Two knees are two codes; the unspecified knee beside one of them is none."""
    right, left = (_named("M25.561", 0), 0.9), (_named("M25.562", 10), 0.8)
    open_side = (_named("M25.569", 20, unspecified=True), 0.95)
    selection = _select(right, left, open_side)

    assert set(_codes(selection)) == {"M25.561", "M25.562"}
    assert selection.dropped[0].rule == "I.B.2"


def test_a_symptom_of_a_coded_disease_is_not_coded_beside_it() -> None:
    selection = _select(
        (_named("R05.9", 0), 0.9), (_named("J18.9", 10), 0.8), (_named("R07.9", 20), 0.9)
    )

    assert set(_codes(selection)) == {"J18.9", "R07.9"}
    assert [(d.code, d.rule) for d in selection.dropped] == [("R05.9", "I.B.5")]


def test_a_symptom_is_part_only_of_the_diseases_that_are_listed() -> None:
    assert covering("R05.9", frozenset({"J18.9"})) == "J18.9"
    assert covering("R05.9", frozenset({"I10"})) is None


def test_the_order_of_candidates_does_not_matter() -> None:
    candidates = [
        (_named(code, at * 7), 0.6 + at / 100)
        for at, code in enumerate(("I10", "E11.9", "R05.9", "J45.909"))
    ]

    assert _select(*candidates) == _select(*reversed(candidates))
    assert in_claim_order(_select(*candidates).standing) == in_claim_order(
        _select(*candidates).standing[::-1]
    )


def test_what_is_concluded_comes_first_external_causes_last() -> None:
    """The assessment before the complaint, conditions before status, W00 at the end."""
    selection = _select(
        (_named("W01.0XXA", 0, section="assessment"), 0.99),
        (_named("Z79.4", 10, section="assessment"), 0.98),
        (_named("M79.7", 20, section="chief_complaint"), 0.97),
        (_named("E11.9", 30, section="assessment"), 0.6),
        (_named("I10", 40, section="pmh"), 0.99),
    )

    assert [one.code for one in in_claim_order(selection.standing)] == [
        "E11.9", "M79.7", "I10", "Z79.4", "W01.0XXA",
    ]  # fmt: skip
    assert not can_be_first("W01.0XXA")


@pytest.mark.parametrize(("note", "room"), [(OUTPATIENT, 12), (INPATIENT, 25)])
def test_a_claim_holds_so_many_diagnoses_and_says_what_it_has_no_room_for(
    note: Note, room: int
) -> None:
    """Twelve on a professional claim, twenty-five on an institutional one."""
    categories = [f"{letter}{number}" for letter in "GHKL" for number in range(40, 50)]
    selection = _select(*((_named(c, at * 10), 0.9) for at, c in enumerate(categories)), note=note)
    kept, too_many = on_claim(selection.standing, note)

    assert len(kept) == room
    assert len(too_many) == len(categories) - room


@pytest.mark.parametrize(
    ("code", "lasts"),
    [("I10", True), ("E11.9", True), ("J18.9", False), ("K35.80", False), ("M1A.9XX0", True), ("C7A.00", False),
     ("Z85.3", True), ("I21.9", False), ("S52.501A", False)],
)  # fmt: skip
def test_what_lasts_is_told_from_what_passes(code: str, *, lasts: bool) -> None:
    assert is_chronic(code) is lasts
