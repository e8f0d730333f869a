"""Words that are not the patient's own: found, and marked where no code has them as evidence."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.claim import Assertion
from clinical_coding.term_table import TermTable
from tests.claims import claim_event
from ui.evidence import note_html
from ui.held import HeldWords, held_words

NOTE = "Chest pain. Denies fever and cough. Family history: mother with breast cancer."


def _told(text: str, terms: TermTable) -> list[tuple[str, str]]:
    return [(text[w.start : w.end], w.assertion) for w in held_words(text, terms)]


def test_what_is_denied_and_what_is_of_the_family_is_found_and_the_patients_own_is_not(
    terms: TermTable,
) -> None:
    assert _told(NOTE, terms) == [
        ("fever", "absent"),
        ("cough", "absent"),
        ("breast cancer", "family"),
    ]


def test_a_note_of_nothing_has_none(terms: TermTable) -> None:
    assert _told("", terms) == []
    assert _told("\x00 \r\n", terms) == []


def test_they_are_labelled_in_the_shown_note(terms: TermTable) -> None:
    shown = note_html(NOTE, [], held_words(NOTE, terms))

    assert (
        '<span class="cmc-held cmc-absent">fever</span><sup class="cmc-code">denied</sup>' in shown
    )
    assert '<sup class="cmc-code">family</sup>' in shown


def test_words_that_are_evidence_of_a_code_are_marked_as_that_alone() -> None:
    (code,) = claim_event("n").diagnoses
    evidence = replace(code.evidence[0], start=0, end=10)
    held = [HeldWords(start=6, end=14, assertion=Assertion.ABSENT)]

    assert "cmc-held" not in note_html(NOTE, [replace(code, evidence=(evidence,))], held)


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=4))
def test_whatever_is_marked_the_shown_text_is_the_note(
    text: str, places: list[tuple[int, int]]
) -> None:
    """Without labels and line ends, which have laws of their own."""
    text = text.replace("\r", "").replace("\n", "")
    held, reach = list[HeldWords](), 0
    for start, length in sorted(places):
        if reach <= start and start + length <= len(text):
            held.append(HeldWords(start=start, end=start + length, assertion=Assertion.FAMILY))
            reach = start + length
    shown = note_html(text, [], held)

    plain = note_html(text, [])
    assert re.sub("<sup.*?</sup>|</?span[^>]*>", "", shown) == plain
