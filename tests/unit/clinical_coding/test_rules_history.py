"""What was and what relatives have: I.C.2.m, I.C.4.a.3, I.C.21.c, IV.I, IV.J."""

import pytest

from clinical_coding.claim import Assertion
from clinical_coding.code_set import CodeSet
from clinical_coding.rules.admission import OF_FAMILY
from clinical_coding.rules.chronic import is_chronic
from clinical_coding.rules.draft import apply
from clinical_coding.rules.family_history import family_history
from clinical_coding.rules.history_codes import FAMILY_HISTORY, PERSONAL_HISTORY, history_code
from clinical_coding.rules.history_status import (
    body_mass_index_with_its_diagnosis,
    insulin_with_diabetes,
    personal_history,
    removed_malignancy_is_history,
)
from clinical_coding.rules.past_conditions import PAST, past_condition
from tests.drafts import code, codes_after, draft, note, on_words, refused, span

FAMILY, BEFORE = Assertion.FAMILY, Assertion.HISTORICAL


def test_a_relatives_cancer_is_family_history_where_it_is_told_of_today() -> None:
    """Not where it is only in the list of what relatives have."""
    told = refused("C50.919", OF_FAMILY, span(held=FAMILY))
    listed = refused("C50.919", OF_FAMILY, span(held=FAMILY, section="family_history"))

    assert codes_after(family_history, draft(refusals=(told,))) == {"Z80.3"}
    assert codes_after(family_history, draft(refusals=(listed,))) == set()


def test_what_bears_less_is_family_history_only_where_the_clinician_takes_it_up() -> None:
    told = refused("I10", OF_FAMILY, span(held=FAMILY, section="hpi"))
    taken_up = refused("I10", OF_FAMILY, span(held=FAMILY, section="assessment"))

    assert codes_after(family_history, draft(refusals=(told,))) == set()
    assert codes_after(family_history, draft(refusals=(taken_up,))) == {"Z82.49"}


def test_a_history_code_that_no_ranker_was_asked_about_is_for_review() -> None:
    after = apply(family_history, draft(refusals=(refused("C61", OF_FAMILY, span(held=FAMILY)),)))

    assert [(one.code, one.probability, one.rules) for one in after.standing] == [
        ("Z80.42", 0.5, ("I.C.21.c.4 family history of the condition",))
    ]


@pytest.mark.parametrize(
    ("past", "after"), [("C18.9", {"Z85.038"}), ("I63.9", {"Z86.73"}), ("J18.9", set())]
)
def test_a_past_condition_is_a_history_code_where_it_bears_on_today(
    past: str, after: set[str]
) -> None:
    """A stroke always does, a pneumonia that is only listed does not."""
    over = refused(past, PAST, span(section="pmh"))

    assert codes_after(personal_history, draft(refusals=(over,))) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("Prostate cancer treated with prostatectomy, no evidence of disease.", {"Z85.46"}),
        ("Prostate cancer s/p radical prostatectomy.", {"Z85.46"}),
        ("Prostate cancer, PSA rising.", {"C61"}),
        ("Prostate cancer s/p prostatectomy, now on chemotherapy.", {"C61"}),
    ],
)
def test_a_cancer_is_history_when_it_is_removed_and_not_treated(text: str, after: set[str]) -> None:
    cancer = code("C61", 0.9, on_words("Prostate cancer", text))

    assert codes_after(removed_malignancy_is_history, draft(cancer, of=note(text))) == after


def test_a_past_cancer_that_is_still_treated_is_coded_as_cancer() -> None:
    treated = "History of colon cancer, currently undergoing chemotherapy."
    over = "History of colon cancer."

    for text, why in ((treated, None), (over, PAST)):
        found = past_condition("C18.9", on_words("colon cancer", text, held=BEFORE), note(text))

        assert found == why


def test_insulin_is_coded_beside_diabetes_unless_it_is_type_1_or_passing() -> None:
    lasting, passing = "DM2, insulin glargine.", "DM2, sliding scale insulin."
    for text, disease, after in (
        (lasting, "E11.9", {"E11.9", "Z79.4"}),
        (passing, "E11.9", {"E11.9"}),
        (lasting, "E10.9", {"E10.9"}),
        (lasting, "I10", {"I10"}),
    ):
        insulin = code("Z79.4", 0.1, on_words("insulin", text))
        before = draft(code(disease), unlikely=(insulin,), of=note(text))

        assert codes_after(insulin_with_diabetes, before) == after


def test_a_body_mass_index_needs_the_diagnosis_that_it_belongs_to() -> None:
    alone = draft(code("Z68.41"), code("I10"))
    beside = draft(code("Z68.41"), code("E66.01"))

    assert codes_after(body_mass_index_with_its_diagnosis, alone) == {"I10"}
    assert codes_after(body_mass_index_with_its_diagnosis, beside) == {"Z68.41", "E66.01"}


def test_the_longest_beginning_names_the_history() -> None:
    assert history_code(PERSONAL_HISTORY, "C4A.9") == "Z85.821"
    assert history_code(FAMILY_HISTORY, "E11.9") == "Z83.3"
    assert history_code(FAMILY_HISTORY, "E78.5") == "Z83.438"
    assert history_code(PERSONAL_HISTORY, "R05.9") is None


def test_every_history_code_can_be_billed(code_set: CodeSet) -> None:
    codes = {*FAMILY_HISTORY.values(), *PERSONAL_HISTORY.values()}

    assert not [one for one in codes if not code_set.is_billable(one)]


@pytest.mark.parametrize(
    ("name", "lasts"),
    [("I10", True), ("E11.9", True), ("J18.9", False), ("K35.80", False), ("M1A.9XX0", True),
     ("C7A.00", False), ("Z85.3", True), ("I21.9", False), ("S52.501A", False)],
)  # fmt: skip
def test_what_lasts_is_told_from_what_passes(name: str, *, lasts: bool) -> None:
    assert is_chronic(name) is lasts
