"""Phrases whose words stand apart in a sentence."""

from clinical_coding.scattered import WIDEST, find_scattered
from clinical_coding.term_table import TermTable
from clinical_coding.words import content_words


def _codes(table: TermTable, sentences: list[str]) -> set[str]:
    words = [(word, at) for at, text in enumerate(sentences) for word in content_words(text)]
    hits = find_scattered(table, [word for word, _ in words], [at for _, at in words])
    return {term.code for hit in hits for term in table.terms_of(hit.phrase)}


def test_words_of_a_phrase_may_stand_apart_in_one_sentence(terms: TermTable) -> None:
    assert "N20.0" in _codes(terms, ["a calculus seen in the lower pole of the left kidney"])


def test_a_phrase_in_one_piece_is_not_scattered(terms: TermTable) -> None:
    assert "N20.0" not in _codes(terms, ["kidney calculus"])


def test_a_phrase_does_not_go_over_to_the_next_sentence(terms: TermTable) -> None:
    assert "N20.0" not in _codes(terms, ["a calculus was seen", "the left kidney"])


def test_words_too_far_apart_are_no_phrase(terms: TermTable) -> None:
    between = " ".join(f"zz{number}" for number in range(WIDEST))

    assert "N20.0" not in _codes(terms, [f"calculus {between} kidney"])


def test_a_note_without_words_has_none(terms: TermTable) -> None:
    assert find_scattered(terms, [], []) == ()
