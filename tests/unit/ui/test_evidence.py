"""The note as HTML: text and marks, nothing else."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from clinical_coding.claim import Assertion, Band, Diagnosis, Evidence
from clinical_coding.note import IcdCode
from ui.evidence import COLOURS, OPACITY, marks, note_html

SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6)


def _diagnosis(code: str, *spans: tuple[int, int]) -> Diagnosis:
    evidence = tuple(
        Evidence(start=start, end=end, section="", assertion=Assertion.PRESENT, match="title")
        for start, end in spans
    )
    return Diagnosis(
        code=IcdCode(code), description="", rank=1, probability=0.9, band=Band.SUBMIT,
        first_listed=True, hcc=None, evidence=evidence, rules=(),
    )  # fmt: skip


class _Reader(HTMLParser):
    """Collects what a browser would show, the labels of codes apart."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.tags, self.marked = "", set[str](), list[str]()
        self._at: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._at.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        self._at.pop()

    @override
    def handle_data(self, data: str) -> None:
        if "sup" not in self._at:
            self.text += data
        if self._at[-1] == "mark":
            self.marked.append(data)


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30), SPANS)
def test_the_htmls_text_is_the_notes_text_whatever_is_marked(
    text: str, spans: list[tuple[int, int]]
) -> None:
    """Nothing of a note is taken for markup, and no character is lost or doubled."""
    read = _read(note_html(text, [_diagnosis("R07.9", *spans)]))

    assert read.text == text
    assert read.tags <= {"div", "mark", "sup"}


@given(SPANS, SPANS)
def test_marks_cover_each_place_that_some_evidence_covers_and_never_cross(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    """Compared with asking each place by itself."""
    length = 25
    found = list(marks(length, [_diagnosis("A", *first), _diagnosis("B", *second)]))

    covered = {place for mark in found for place in range(mark.start, mark.end)}
    asked = {
        place
        for place in range(length)
        if any(start <= place < min(end, length) for start, end in [*first, *second])
    }
    assert covered == asked
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_offsets_count_code_points() -> None:
    """An emoji is one character, CRLF two."""
    text = "🙂\r\nChest pain"

    html = note_html(text, [_diagnosis("R07.9", (3, 13))])

    assert re.search(r"<mark[^>]*>Chest pain</mark>", html)


def test_an_assertion_other_than_present_is_told_beside_the_code() -> None:
    span = Evidence(start=0, end=3, section="", assertion=Assertion.HISTORICAL, match="title")
    html = note_html("MI.", [replace(_diagnosis("I25.2"), evidence=(span,))])

    assert "I25.2 historical" in html


def test_where_spans_overlap_each_code_is_told_once_at_its_spans_end() -> None:
    """Codes over the same words share the mark: both colours, both names in the tip."""
    html = note_html("Acute chest pain.", [_diagnosis("A", (0, 16)), _diagnosis("B", (6, 16))])

    assert re.findall('<mark[^>]*title="([^"]*)">([^<]*)<', html) == [
        ("A", "Acute "),
        ("A B", "chest pain"),
    ]
    assert re.findall("<sup[^>]*>([^<]*)<", html) == ["A B"]


def test_a_span_within_another_is_labelled_where_it_ends() -> None:
    html = note_html("Acute chest pain.", [_diagnosis("A", (0, 16)), _diagnosis("B", (6, 11))])

    assert re.findall("<sup[^>]*>([^<]*)<", html) == ["B", "A"]


def test_crlf_is_one_line_end_and_blank_lines_keep_their_blanks() -> None:
    """On one line of HTML, so that what carries it cannot trim the note."""
    html = note_html("a\r\n  \n\rb", [])

    assert "a&#10;  &#10;&#10;b" in html
    assert "\n" not in html


def _luminance(rgb: tuple[float, ...]) -> float:
    def linear(c: float) -> float:
        return c / 12.92 if c <= 0.03928 else float(((c + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(c / 255) for c in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("ink", "paper"), [((49, 51, 63), (255, 255, 255)), ((250, 250, 250), (25, 25, 23))]
)
@pytest.mark.parametrize("colour", COLOURS)
def test_marked_words_have_aa_contrast_in_light_and_dark(
    colour: str, ink: tuple[int, ...], paper: tuple[int, ...]
) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1."""
    tint = [float(part) for part in colour.split(",")]
    mixed = tuple(OPACITY * t + (1 - OPACITY) * p for t, p in zip(tint, paper, strict=True))
    dark, light = sorted((_luminance(ink), _luminance(mixed)))

    assert (light + 0.05) / (dark + 0.05) >= 4.5
