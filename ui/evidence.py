"""A note with the words marked that support its codes, as HTML that shows text and nothing else."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from clinical_coding.claim import Assertion, Diagnosis

# Okabe and Ito's colours tell apart under colour blindness; translucent, they suit light and dark.
COLOURS = (
    "230,159,0",
    "86,180,233",
    "0,158,115",
    "240,228,66",
    "0,114,178",
    "213,94,0",
    "204,121,167",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """[start, end) of the note supports the codes with these places in the claim."""

    start: int
    end: int
    diagnoses: tuple[int, ...]
    assertion: Assertion


def note_html(text: str, diagnoses: Sequence[Diagnosis]) -> str:
    """The note, escaped, white space kept, each supporting span in its code's colour.

    The HTML's text is the note's text and, after each span, its codes as a small label.
    """
    parts, place = [], 0
    for mark in marks(len(text), diagnoses):
        parts.append(html.escape(text[place : mark.start]))
        parts.append(_marked(text[mark.start : mark.end], mark, diagnoses))
        place = mark.end
    parts.append(html.escape(text[place:]))
    return f'<div class="cmc-note" dir="auto">{"".join(parts)}</div>'


def marks(length: int, diagnoses: Sequence[Diagnosis]) -> Iterator[Mark]:
    """The supporting spans in order, cut where they overlap, so that none crosses another."""
    spans = [
        (e.start, min(e.end, length), n, e.assertion)
        for n, diagnosis in enumerate(diagnoses)
        for e in diagnosis.evidence
        if 0 <= e.start < min(e.end, length)
    ]
    edges = sorted({edge for start, end, _, _ in spans for edge in (start, end)})
    for start, end in pairwise(edges):
        over = [(n, held) for s, e, n, held in spans if s <= start and end <= e]
        if over:
            places = tuple(dict.fromkeys(n for n, _ in over))
            yield Mark(start=start, end=end, diagnoses=places, assertion=over[0][1])


def _marked(words: str, mark: Mark, diagnoses: Sequence[Diagnosis]) -> str:
    colour = COLOURS[mark.diagnoses[0] % len(COLOURS)]
    codes = " ".join(diagnoses[n].code for n in mark.diagnoses)
    held = "" if mark.assertion is Assertion.PRESENT else f" {mark.assertion}"
    return (
        f'<mark class="cmc-mark" style="background:rgba({colour},.35);border-color:rgb({colour})" '
        f'title="{html.escape(codes + held)}">{html.escape(words)}</mark>'
        f'<sup class="cmc-code">{html.escape(codes + held)}</sup>'
    )
