"""The note as HTML: text and marks, nothing else."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from clinical_coding.claim import Assertion, Band, Diagnosis, Evidence
from clinical_coding.note import IcdCode
from ui.evidence import marks, note_html

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
