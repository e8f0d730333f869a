"""Sections, sentences and words: where a note's parts stand in it."""

from itertools import pairwise

import pytest
from hypothesis import given

from clinical_coding.reading import read, sides_told
from clinical_coding.sections import split_sections
from clinical_coding.words import content_words, normal_spelling, split_words
from tests.strategies import any_text, note_texts


@given(note_texts)
def test_every_word_is_where_it_says_and_none_is_read_twice(text: str) -> None:
    """Words ascend, never overlap, and their place in the note holds their spelling."""
    words = [word for sentence in read(text) for word in sentence.words]

    assert all(normal_spelling(text[word.start : word.end]) == word.normal for word in words)
    assert all(one.end <= other.start for one, other in pairwise(words))


@given(note_texts)
def test_all_words_outside_headers_are_in_a_sentence(text: str) -> None:
    """What is no header is read: no sentence boundary swallows a word."""
    in_sections = [
        (word.start, word.end)
        for section in split_sections(text)
        for word in split_words(text, section.start, section.end)
    ]
    read_words = [(word.start, word.end) for sentence in read(text) for word in sentence.words]

    assert read_words == in_sections


@given(note_texts)
def test_clauses_are_in_order_and_within_their_sentence(text: str) -> None:
    for sentence in read(text):
        ends = [0, *(end for clause in sentence.clauses for end in (clause.first, clause.last))]
        assert ends == sorted(ends)
        assert ends[-1] <= len(sentence.words)
        assert all(clause.first < clause.last for clause in sentence.clauses)


@given(any_text)
def test_a_spelling_is_its_own_normal_spelling_when_ascii(text: str) -> None:
    """Normal spelling changes nothing but letters: it never adds a blank or a second word."""
    assert all(" " not in word for word in content_words(text))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Oedema", "edema"),
        ("haemorrhages", "hemorrhage"),
        ("Crohn\u2019s", "crohn"),
        ("M\u00e9ni\u00e8re's", "meniere"),
        ("DIAGNOSES", "diagnosis"),
        ("II", "2"),
        ("biopsies", "biopsy"),
        ("tumours", "tumor"),
    ],
)
def test_spellings_of_one_word_are_one(written: str, meant: str) -> None:
    assert normal_spelling(written) == normal_spelling(meant)


def test_hepatitis_a_is_not_hepatitis() -> None:
    """The A is a filler elsewhere ("a cough"), and a word there."""
    assert content_words("Hepatitis A") != content_words("Hepatitis")
    assert content_words("a cough") == content_words("cough")


def _sections(text: str) -> list[tuple[str, str]]:
    return [(s.name, text[s.start : s.end].strip(" *\r\n")) for s in split_sections(text)]


def test_headers_on_their_own_line_and_before_a_colon_open_a_section() -> None:
    text = "CHIEF COMPLAINT\r\n\r\nJoint pain.\r\n\r\nPast Medical History: gout\r\nPlan\r\nRest."

    assert _sections(text) == [
        ("chief_complaint", "Joint pain."),
        ("pmh", "gout"),
        ("plan", "Rest."),
    ]


def test_headers_within_a_line_open_a_section_after_a_sentence_or_in_capitals() -> None:
    text = "PMH: HTN, DM2. Meds: metformin. PREOPERATIVE DIAGNOSIS: Ganglion POSTOPERATIVE DIAGNOSIS: same"

    assert _sections(text) == [
        ("pmh", "HTN, DM2."),
        ("medications", "metformin."),
        ("assessment", "Ganglion"),
        ("assessment", "same"),
    ]


def test_markup_around_a_header_is_not_part_of_it() -> None:
    assert _sections("**Assessment:** gout\n## Plan\nrest") == [
        ("assessment", "gout"),
        ("plan", "rest"),
    ]


def test_words_that_only_look_like_a_header_open_nothing() -> None:
    """A sentence with a colon, a system within the review, a letter in the middle of a line."""
    text = "ROS: Constitutional: no fever. Skin: no rash. Vitamin A: taken"

    assert [name for name, _ in _sections(text)] == ["ros"]


def test_a_wrapped_line_is_one_sentence_and_a_list_is_one_sentence_an_item() -> None:
    wrapped = read("Pain in the\nleft knee since May.\n- gout\n- asthma")

    assert [" ".join(s.normals) for s in wrapped] == [
        "pain in the left knee since may",
        "gout",
        "asthma",
    ]


def test_titles_and_numbers_of_a_list_end_no_sentence() -> None:
    assert len(read("Dr. Smith saw J. Doe vs. St. Mary on 7.5 mg.")) == 1


def test_text_without_punctuation_is_cut_so_that_work_is_bounded() -> None:
    assert max(len(sentence.words) for sentence in read("word " * 5000)) <= 120


def test_a_side_is_told_of_the_words_it_stands_before_unless_it_is_denied() -> None:
    told = sides_told(read("HPI: Twisted the left ankle. Denies right hip pain. Both knees ache."))

    assert told["ankle"] == {"left"}
    assert "hip" not in told
    assert told["knee"] == {"bilateral"}
