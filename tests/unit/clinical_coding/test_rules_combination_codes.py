"""Two conditions that one code names: I.A.15, I.B.9, I.C.4.a, I.C.9."""

import pytest

from clinical_coding.code_set import CodeSet
from clinical_coding.rules.combination_codes import (
    CORONARY_WITH,
    DIABETES_WITH,
    OTHER_LINKS,
    conditions_that_one_code_names,
    coronary_disease_with_angina,
    diabetes_with_its_complications,
    diabetes_without_complications_stands_alone,
    hypertension_with_heart_or_kidney_disease,
)
from clinical_coding.rules.draft import apply
from tests.drafts import code, codes_after, draft, note, on_words


@pytest.mark.parametrize(
    ("second", "after"),
    [
        ("N18.31", {"E11.9", "E11.22", "N18.31"}),
        ("H35.00", {"E11.9", "E11.319"}),
        ("K31.84", {"E11.9", "E11.43", "K31.84"}),
        ("I96", {"E11.9", "E11.52"}),
        ("L97.509", {"E11.9", "E11.621", "L97.509"}),
        ("N17.9", {"E11.9", "N17.9"}),
        ("H35.03", {"E11.9", "H35.03"}),
    ],
)
def test_diabetes_is_coded_with_what_the_index_lists_below_its_with(
    second: str, after: set[str]
) -> None:
    """And the condition beside it only where the combination does not say all of it."""
    assert codes_after(diabetes_with_its_complications, draft(code("E11.9"), code(second))) == after


def test_a_combination_is_as_likely_as_its_least_likely_part_on_the_words_of_both() -> None:
    text = "T2DM with CKD 3a"
    parts = code("E11.9", 0.9, on_words("T2DM", text)), code("N18.31", 0.7, on_words("CKD", text))
    after = apply(diabetes_with_its_complications, draft(*parts, of=note(text)))
    (both,) = after.starting_with("E11.22")

    assert both.probability == 0.7
    assert [text[e.start : e.end] for e in both.evidence] == ["T2DM", "CKD"]
    assert both.rules == ("I.A.15, I.C.4.a diabetes with its complication",)


def test_the_note_may_say_that_two_conditions_are_unrelated() -> None:
    text = "CKD, not due to diabetes. Type 2 diabetes."
    kidney = code("N18.9", 0.9, on_words("CKD", text))
    before = draft(code("E11.9", 0.9, on_words("Type 2 diabetes", text)), kidney, of=note(text))

    assert codes_after(diabetes_with_its_complications, before) == {"E11.9", "N18.9"}


def test_a_named_part_that_the_ranker_doubts_is_linked_and_shown_for_review() -> None:
    """The guideline needs it documented, not likely; what no phrase names is linked to nothing."""
    doubted = code("N18.4", 0.2)
    after = apply(diabetes_with_its_complications, draft(code("E11.9"), unlikely=(doubted,)))
    unnamed = draft(code("E11.9"), unlikely=(code("N18.4", 0.2, named=False),))

    assert {one.code: one.probability for one in after.standing} == {
        "E11.9": 0.9, "E11.22": 0.5, "N18.4": 0.5,
    }  # fmt: skip
    assert after.unlikely == ()
    assert codes_after(diabetes_with_its_complications, unnamed) == {"E11.9"}


@pytest.mark.parametrize(
    ("words", "after"), [("neuropathy", "E11.40"), ("polyneuropathy", "E11.42")]
)
def test_the_words_tell_the_kind_of_neuropathy(words: str, after: str) -> None:
    text = f"Type 2 diabetes with {words}."
    nerves = code("G62.9", 0.9, on_words(words, text))

    assert codes_after(
        diabetes_with_its_complications, draft(code("E11.9"), nerves, of=note(text))
    ) == {"E11.9", after}


def test_a_complication_that_is_told_in_words_of_diabetes_is_not_told_twice() -> None:
    before = draft(code("E11.21"), code("N18.4"))

    assert codes_after(diabetes_with_its_complications, before) == {"E11.21", "N18.4"}


def test_diabetes_without_complications_stands_only_alone() -> None:
    alone, beside = draft(code("E11.9")), draft(code("E11.9"), code("E11.22"))

    assert codes_after(diabetes_without_complications_stands_alone, alone) == {"E11.9"}
    assert codes_after(diabetes_without_complications_stands_alone, beside) == {"E11.22"}


@pytest.mark.parametrize(
    ("codes", "after"),
    [
        ({"I10", "I50.9"}, {"I11.0", "I50.9"}),
        ({"I10", "I51.7"}, {"I11.9"}),
        ({"I10", "N18.4"}, {"I12.9", "N18.4"}),
        ({"I10", "N18.6"}, {"I12.0", "N18.6"}),
        ({"I10", "I50.22", "N18.30"}, {"I13.0", "I50.22", "N18.30"}),
        ({"I10", "I50.22", "N18.5"}, {"I13.2", "I50.22", "N18.5"}),
        ({"I10", "I51.9", "N18.9"}, {"I13.10", "N18.9"}),
        ({"I11.9", "N18.6"}, {"I13.11", "N18.6"}),
        ({"I11.9", "I50.9"}, {"I11.0", "I50.9"}),
        ({"I11.0", "I50.9", "N18.4"}, {"I13.0", "I50.9", "N18.4"}),
        ({"I12.0", "I50.9"}, {"I13.2", "I50.9"}),
        ({"I11.9"}, {"I11.9"}),
        ({"I10", "N17.9"}, {"I10", "N17.9"}),
        ({"I50.9", "N18.4"}, {"I50.9", "N18.4"}),
        ({"I10", "I25.10"}, {"I10", "I25.10"}),
    ],
)
def test_hypertension_is_coded_with_heart_failure_and_kidney_disease(
    codes: set[str], after: set[str]
) -> None:
    """I11, I12 or I13; failure and stage stay, acute failure and coronary disease are not linked."""
    before = draft(*map(code, sorted(codes)))

    assert codes_after(hypertension_with_heart_or_kidney_disease, before) == after


def test_angina_belongs_to_coronary_disease() -> None:
    assert codes_after(coronary_disease_with_angina, draft(code("I25.10"), code("I20.0"))) == {
        "I25.110"
    }
    assert codes_after(coronary_disease_with_angina, draft(code("I20.9"))) == {"I20.9"}


def test_other_pairs_that_one_code_names() -> None:
    infected = draft(code("J44.9"), code("J18.9"))

    assert codes_after(conditions_that_one_code_names, infected) == {"J44.0", "J18.9"}
    assert codes_after(conditions_that_one_code_names, draft(code("J44.9"), code("J45.909"))) == {
        "J44.9", "J45.909",
    }  # fmt: skip


def test_every_combination_is_a_code_that_can_be_billed(code_set: CodeSet) -> None:
    links = (*OTHER_LINKS, *CORONARY_WITH)
    diabetes = (f"{d}{link.together}" for d in ("E08", "E09", "E10", "E11", "E13")
                for link in DIABETES_WITH)  # fmt: skip

    assert not [c for c in (*diabetes, *(link.together for link in links))
                if not code_set.is_billable(c)]  # fmt: skip
