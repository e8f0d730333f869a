"""Sentences of a section and the clauses within one, as places in the note."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from clinical_coding.sections import lines
from clinical_coding.words import Word

# A sentence ends at its mark before a capital, a number, a quote or a bullet, but not after a
# title, an initial or the number of a list.
_SENTENCE_END = re.compile(
    r"(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bSt)(?<!\bvs)(?<!\bNo)(?<!\b[A-Z])(?<!\b\d)"
    r"[.?!]+[\"')\]]*\s+(?=[A-Z0-9\"'(\[\u2022-])"
    r"|[;\u2022]\s*"
)
_BULLET = re.compile(r"[ \t]*(?:[-*\u2022\u00b7+]|\(?\d{1,2}[.)])[ \t]")
_GOES_ON = re.compile(r"[ \t]*[a-z]")  # a wrapped line continues in lower case
_ENDS = (".", "!", "?", ":", ";")

_MAX_SENTENCE_WORDS = 120  # a longer one is text without punctuation: cut, so that work is bounded
_MAX_CLAUSE_WORDS = 14
_CLAUSE_WORDS = frozenset(
    [
        "and",
        "with",
        "but",
        "present",
        "presented",
        "who",
        "which",
        "showing",
        "showed",
        "reveal",
        "revealed",
        "revealing",
        "complained",
        "suffered",
        "developed",
        "without",
        "or",
        "for",
        "secondary",
        "due",
        "presenting",
        "consistent",
        "compatible",
        "including",
    ]
)
_CLAUSE_MARK = re.compile(r"[,:()/]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Words [first, last) of a sentence that read as one statement."""

    first: int
    last: int


def split_sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """[start, end) of each sentence within [start, end) of the text, blanks at the edges left out."""
    for block_start, block_end in _blocks(text, start, end):
        at = block_start
        for mark in _SENTENCE_END.finditer(text, block_start, block_end):
            yield from _trimmed(text, at, mark.end())
            at = mark.end()
        yield from _trimmed(text, at, block_end)


def cut(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """The words of a sentence, in pieces where they are too many for one."""
    for at in range(0, len(words), _MAX_SENTENCE_WORDS):
        yield words[at : at + _MAX_SENTENCE_WORDS]


def split_clauses(text: str, words: Sequence[Word]) -> Iterator[Clause]:
    """The clauses of a sentence in order: between commas and joining words, none too long."""
    first = 0
    for last in _clause_ends(text, words):
        for at in range(first, last, _MAX_CLAUSE_WORDS):
            yield Clause(first=at, last=min(last, at + _MAX_CLAUSE_WORDS))
        first = last + (last < len(words) and words[last].normal in _CLAUSE_WORDS)


def _clause_ends(text: str, words: Sequence[Word]) -> Iterator[int]:
    for at, (before, word) in enumerate(pairwise(words), start=1):
        if word.normal in _CLAUSE_WORDS or _CLAUSE_MARK.search(text, before.end, word.start):
            yield at
    yield len(words)


def _blocks(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Lines, those joined that a hard wrap cut in the middle of a sentence."""
    begin = at = start
    for line_start, line_end in lines(text[start:end]):
        if not _continues(text, begin, at, start + line_start, start + line_end):
            yield begin, at
            begin = start + line_start
        at = start + line_end
    yield begin, at


def _continues(text: str, begin: int, at: int, line_start: int, line_end: int) -> bool:
    if at == begin or not text[at - 1 : at].strip() or text[at - 1] in _ENDS:
        return False
    return bool(
        _GOES_ON.match(text, line_start, line_end) and not _BULLET.match(text, line_start, line_end)
    )


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    left = start + len(piece) - len(piece.lstrip())
    right = start + len(piece.rstrip())
    if left < right:
        yield left, right
