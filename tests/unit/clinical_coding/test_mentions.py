"""Where a note names a code."""

import pytest

from clinical_coding.claim import Assertion
from clinical_coding.mentions import Mention, find_mentions
from clinical_coding.reading import read
from clinical_coding.term_table import TermTable


def _mentions(text: str, terms: TermTable) -> tuple[Mention, ...]:
    return find_mentions(text, read(text), terms)[0]


def _named(text: str, terms: TermTable) -> dict[str, set[str]]:
    return {text[m.start : m.end]: {t.code for t in m.terms} for m in _mentions(text, terms)}


def test_words_are_marked_exactly_and_fillers_between_them_belong_to_the_mention(
    terms: TermTable,
) -> None:
    named = _named("Pt c/o pain in the left knee, SOB.", terms)

    assert named == {"pain in the left knee": {"M25.562"}, "SOB": {"R06.02"}}


def test_a_comma_joins_what_qualifies_and_parts_what_is_listed(terms: TermTable) -> None:
    """Diabetes, type 2 is one condition; chest pain, knee swelling holds no knee pain."""
    assert "Diabetes, type 2" in _named("Diabetes, type 2", terms)
    assert set(_named("Chest pain, knee swelling", terms)) == {"Chest pain", "knee swelling"}


def test_only_the_longest_phrase_counts(terms: TermTable) -> None:
    assert set(_named("Acute kidney injury", terms)) == {"Acute kidney injury"}


@pytest.mark.parametrize(("text", "found"), [("MS for years", True), ("10 ms later", False)])
def test_an_acronym_that_is_also_a_word_counts_in_capitals_only(
    terms: TermTable, text: str, *, found: bool
) -> None:
    assert any("G35" in codes for codes in _named(text, terms).values()) is found


def test_a_misspelling_is_read_and_marked_as_written(terms: TermTable) -> None:
    (mention,) = _mentions("Likely pneumnia", terms)

    assert mention.respelt
    assert mention.assertion is Assertion.POSSIBLE
    assert (mention.start, mention.end) == (7, 15)


def test_short_forms_are_spelt_out_within_a_phrase(terms: TermTable) -> None:
    assert "hip fx" in _named("Right hip fx", terms) or "Right hip fx" in _named(
        "Right hip fx", terms
    )


def test_a_denied_detail_settles_nothing(terms: TermTable) -> None:
    """The angina that is not there does not make it heart disease with angina."""
    (mention, *_) = _mentions(
        "Atherosclerotic heart disease of native coronary artery without angina", terms
    )

    assert "angina" not in mention.context.words


def test_the_number_of_a_list_says_nothing_of_the_condition(terms: TermTable) -> None:
    """The first diagnosis is not type 1."""
    assert _named("1. DM type 2", terms) == {"DM type 2": {"E11.9"}}


@pytest.mark.parametrize(
    ("phrase", "code"),
    [
        ("Hepatic steatosis", "K76.0"),
        ("pancreatic cancer", "C25"),
        ("ADPKD", "Q61.2"),
        ("autosomal dominant polycystic kidney disease", "Q61.2"),
        ("gastric cancer", "C16"),
        ("multiple sclerosis", "G35.D"),
        ("fell from ladder", "W11"),
        ("CKD3a", "N18.31"),
        ("prostate ca", "C61"),
    ],
)
def test_a_name_is_read_as_its_own_condition_not_as_a_part_or_a_cause(
    phrase: str, code: str, terms: TermTable
) -> None:
    """Other sources name the tail of the pancreas, or the liver of a drinker."""
    assert _named(phrase, terms) == {phrase: {code}}
