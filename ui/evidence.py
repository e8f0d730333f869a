"""A note with the words marked that support its codes, as HTML that shows text and nothing else."""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from clinical_coding.claim import Assertion, Diagnosis
from ui.held import HeldWords

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
OPACITY = 0.35
HELD_LABELS = {Assertion.ABSENT: "denied", Assertion.FAMILY: "family"}
LINE_END = re.compile("\r\n?|\n")

Support = tuple[int, Assertion]  # a diagnosis by its place in the claim, and how the note holds it


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """[start, end) of the note is covered by the spans of ``covers``; those of ``ends`` end here."""

    start: int
    end: int
    covers: tuple[Support, ...]
    ends: tuple[Support, ...]


def note_html(text: str, diagnoses: Sequence[Diagnosis], held: Iterable[HeldWords] = ()) -> str:
    """The note, escaped, line ends kept, each supporting span in its codes' colours.

    ``held`` words are underlined where no code has them as evidence. The HTML's text is the note's
    text and, where a span ends, its code or how it is held as a small label.
    """
    marked = tuple(marks(len(text), diagnoses))
    spans = {mark.start: (mark.end, _marked(text, mark, diagnoses)) for mark in marked}
    for words in held:
        if all(words.end <= mark.start or mark.end <= words.start for mark in marked):
            spans[words.start] = words.end, _held(text, words)
    parts, place = [], 0
    for start, (end, shown) in sorted(spans.items()):
        parts += [_escaped(text[place:start]), shown]
        place = end
    parts.append(_escaped(text[place:]))
    return (
        '<div class="cmc-note" dir="auto" tabindex="0" role="region" aria-label="Note with evidence">'
        f"{''.join(parts)}</div>"
    )


def marks(length: int, diagnoses: Sequence[Diagnosis]) -> Iterator[Mark]:
    """The supporting spans in order, cut where they overlap, so that none crosses another."""
    spans = [
        (e.start, min(e.end, length), (n, e.assertion))
        for n, diagnosis in enumerate(diagnoses)
        for e in diagnosis.evidence
        if 0 <= e.start < min(e.end, length)
    ]
    edges = sorted({edge for start, end, _ in spans for edge in (start, end)})
    for start, end in pairwise(edges):
        over = [(e, support) for s, e, support in spans if s <= start and end <= e]
        if over:
            covers = tuple(dict.fromkeys(support for _, support in over))
            ends = tuple(dict.fromkeys(support for last, support in over if last == end))
            yield Mark(start=start, end=end, covers=covers, ends=ends)


def swatch_html(place: int) -> str:
    """The colour in which the diagnosis at this place in the claim is marked, as a small square."""
    return f'<i class="cmc-swatch" aria-hidden="true" style="{paint(place)}"></i>'


def paint(place: int) -> str:
    """The colour of the diagnosis at this place in the claim, as CSS."""
    return _paint([COLOURS[place % len(COLOURS)]])


def _held(text: str, words: HeldWords) -> str:
    label = HELD_LABELS[words.assertion]
    return (
        f'<span class="cmc-held cmc-{words.assertion}">{_escaped(text[words.start : words.end])}</span>'
        f'<sup class="cmc-code">{label}</sup>'
    )


def _marked(text: str, mark: Mark, diagnoses: Sequence[Diagnosis]) -> str:
    words = text[mark.start : mark.end]
    colours = list(dict.fromkeys(COLOURS[n % len(COLOURS)] for n, _ in mark.covers))
    title = html.escape(_codes(mark.covers, diagnoses))
    label = html.escape(_codes(mark.ends, diagnoses))
    return (
        f'<mark class="cmc-mark" style="{_paint(colours)}" title="{title}">{_escaped(words)}</mark>'
        + (f'<sup class="cmc-code">{label}</sup>' if label else "")
    )


def _paint(colours: Sequence[str]) -> str:
    """One band of colour above the other, for each code that the words support."""
    high = 100 / len(colours)
    stops = ",".join(
        f"rgba({colour},{OPACITY}) {n * high:.0f}% {(n + 1) * high:.0f}%"
        for n, colour in enumerate(colours)
    )
    return f"background:linear-gradient({stops});border-color:rgb({colours[-1]})"


def _codes(supports: Sequence[Support], diagnoses: Sequence[Diagnosis]) -> str:
    return " ".join(
        diagnoses[n].code + ("" if held is Assertion.PRESENT else f" {held}")
        for n, held in supports
    )


def _escaped(text: str) -> str:
    """Line ends as entities: what carries the HTML strips the blanks of empty lines."""
    return LINE_END.sub("&#10;", html.escape(text))
