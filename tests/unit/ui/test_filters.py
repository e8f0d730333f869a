"""What the feed's filter lets through."""

from dataclasses import replace

import pytest

from clinical_coding.claim import Band
from clinical_coding.note import IcdCode
from tests.claims import claim_event
from ui.filters import Filter

(FIRST,) = claim_event("n").diagnoses
HEART = replace(FIRST, code=IcdCode("I50.22"), band=Band.REVIEW,
                description="Chronic systolic (congestive) heart failure")  # fmt: skip
CLAIM = replace(claim_event("n"), diagnoses=(FIRST, HEART), encounter_class="EMER")


@pytest.mark.parametrize(
    "words", ["i50", "I50.2", "i5022", "heart FAIL", "i50 systolic", "  ", "r07.9"]
)
def test_a_code_is_found_by_its_beginning_and_by_words_of_its_description(words: str) -> None:
    assert Filter(words=words).wants(CLAIM, "")


@pytest.mark.parametrize("words", ["50.22", "e11", "heart chest", "i50 chest"])
def test_all_words_must_be_of_one_code(words: str) -> None:
    assert not Filter(words=words).wants(CLAIM, "")


def test_with_bands_the_code_that_is_found_is_in_one_of_them() -> None:
    assert Filter(words="i50", bands=(Band.REVIEW,)).wants(CLAIM, "")
    assert not Filter(words="i50", bands=(Band.SUBMIT,)).wants(CLAIM, "")
    assert Filter(bands=(Band.SUBMIT,)).wants(CLAIM, "")


def test_encounter_and_note_type_must_be_among_those_asked_for() -> None:
    assert Filter(encounters=("Outpatient", "Emergency"), note_types=("Progress note",)).wants(
        CLAIM, "Progress note"
    )
    assert not Filter(encounters=("Outpatient",)).wants(CLAIM, "")
    assert not Filter(note_types=("Progress note",)).wants(CLAIM, "")


def test_an_empty_filter_wants_all_even_a_claim_without_codes() -> None:
    assert Filter(words=" ").is_empty
    assert Filter().wants(replace(CLAIM, diagnoses=()), "")
    assert not Filter(bands=(Band.SUBMIT,)).wants(replace(CLAIM, diagnoses=()), "")
