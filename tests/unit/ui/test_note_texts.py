"""Note texts are bounded by the memory they take."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from tests.notes import note_event
from ui.note_texts import ENTRY_BYTES, NoteTexts

LIMIT = 4 * ENTRY_BYTES


@given(st.lists(st.text(max_size=3 * ENTRY_BYTES), max_size=30))
def test_the_longest_tail_that_fits_is_kept(texts: list[str]) -> None:
    """Compared with trying every tail; a text costs its own memory and its entry."""
    kept = NoteTexts(limit_bytes=LIMIT)
    for n, text in enumerate(texts):
        kept.keep(note_event(text, note_id=f"n{n}"))

    costs = [sys.getsizeof(text) + ENTRY_BYTES for text in texts]
    first = next(n for n in range(len(texts) + 1) if sum(costs[n:]) <= LIMIT)
    expected = [None] * first + texts[first:]
    assert [kept.get(f"n{n}", 1) for n in range(len(texts))] == expected
    assert kept.held_bytes == sum(costs[first:])


def test_a_version_that_comes_again_replaces_its_text_and_is_counted_once() -> None:
    texts = NoteTexts(limit_bytes=LIMIT)
    texts.keep(note_event("a", note_id="n"))
    before = texts.held_bytes
    texts.keep(note_event("b", note_id="n"))

    assert (texts.get("n", 1), texts.held_bytes) == ("b", before)


def test_the_oldest_text_leaves_first_and_one_over_the_limit_is_not_kept() -> None:
    texts = NoteTexts(limit_bytes=LIMIT)
    for name in ("a", "b", "c", "d"):
        texts.keep(note_event("x", note_id=name))
    kept = [name for name in ("a", "b", "c", "d") if texts.get(name, 1)]
    texts.keep(note_event("x" * LIMIT, note_id="huge"))

    assert kept == ["b", "c", "d"]
    assert texts.get("huge", 1) is None
    assert texts.held_bytes == 0


def test_a_notes_type_is_known_as_long_as_its_text_is_kept() -> None:
    texts = NoteTexts(limit_bytes=LIMIT)
    texts.keep(note_event("a", note_id="n"))
    assert (texts.note_type("n", 1), texts.note_types()) == (
        "Outpatient Progress note",
        {"Outpatient Progress note"},
    )
    texts.keep(note_event("x" * LIMIT, note_id="huge"))

    assert (texts.note_type("n", 1), texts.note_types()) == ("", set())
