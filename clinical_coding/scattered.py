"""Phrases whose words stand in one sentence with others between them.

"Nodules in the base of both lungs" holds the phrase "lung nodule". Such a hit says less than a phrase
in one piece, so it is told apart from one all the way to the ranker.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from clinical_coding.arrays import starts_of
from clinical_coding.term_table import Numbers, PhraseHit, TermTable

WIDEST = 12  # content words from the first to the last of a phrase's words
_LENGTHS = range(2, 6)  # content words of a phrase
_MAX_HITS = 200  # of a note; the longest phrases stay, of equal ones the narrowest


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Phrases:
    """The phrases of one length, by their rarest word, which stands first in a row."""

    words: Numbers = field(repr=False)  # (phrases, length)
    numbers: Numbers = field(repr=False)  # (phrases,) in the term table
    starts: Numbers = field(repr=False)  # (words + 2,) by number of the rarest word


def find_scattered(
    table: TermTable, words: Sequence[str], blocks: Sequence[int]
) -> tuple[PhraseHit, ...]:
    """Phrases in a run of content words that are not in one piece, each in its narrowest window.

    ``blocks`` numbers the block (a sentence) of each word, ascending; a hit is [first, last) of words
    and stays within a block.
    """
    numbers = np.array([table.word_numbers.get(word, 0) for word in words], dtype=np.int64)
    present = np.zeros(len(table.word_weights), bool)
    present[numbers] = True
    present[0] = False
    places = _places(numbers.tolist())
    hits = [
        hit
        for phrases in _index(table)
        for row, phrase in zip(*_held(phrases, present), strict=True)
        if (hit := _narrowest(int(phrase), row.tolist(), places, blocks)) is not None
    ]
    length = table.phrase_starts
    hits.sort(key=lambda h: (length[h.phrase] - length[h.phrase + 1], h.last - h.first, h.first))
    return tuple(hits[:_MAX_HITS])


def _places(numbers: Sequence[int]) -> dict[int, list[int]]:
    places: dict[int, list[int]] = {}
    for place, number in enumerate(numbers):
        places.setdefault(number, []).append(place)
    return places


def _held(phrases: _Phrases, present: np.ndarray) -> tuple[Numbers, Numbers]:
    """The phrases whose words are all present: rows of words, and numbers."""
    words = np.flatnonzero(present)
    counts = phrases.starts[words + 1] - phrases.starts[words]
    rows = np.repeat(phrases.starts[words] - np.cumsum(counts) + counts, counts)
    rows += np.arange(len(rows))
    rows = rows[present[phrases.words[rows]].all(axis=1)]
    return phrases.words[rows], phrases.numbers[rows]


def _narrowest(
    phrase: int, words: Sequence[int], places: Mapping[int, Sequence[int]], blocks: Sequence[int]
) -> PhraseHit | None:
    windows = [
        (max(around) + 1 - min(around), min(around), max(around) + 1)
        for around in _around(words, places)
        if blocks[min(around)] == blocks[max(around)]
    ]
    if len(set(words)) < len(words) or not windows:
        return None
    width, first, last = min(windows)
    return PhraseHit(first, last, phrase) if len(words) < width <= WIDEST else None


def _around(words: Sequence[int], places: Mapping[int, Sequence[int]]) -> Iterator[list[int]]:
    """For each place of the rarest word the nearest place of every word."""
    for anchor in places[words[0]]:
        yield [min(places[word], key=lambda place: abs(place - anchor)) for word in words]


@lru_cache(maxsize=4)
def _index(table: TermTable) -> tuple[_Phrases, ...]:
    lengths = np.diff(table.phrase_starts)
    frequency = np.bincount(table.phrase_words, minlength=len(table.word_weights))
    return tuple(_of_length(table, length, lengths, frequency) for length in _LENGTHS)


def _of_length(table: TermTable, length: int, lengths: Numbers, frequency: Numbers) -> _Phrases:
    numbers = np.flatnonzero(lengths == length)
    words = table.phrase_words[table.phrase_starts[numbers][:, None] + np.arange(length)]
    words = np.take_along_axis(words, np.argsort(frequency[words], axis=1, kind="stable"), axis=1)
    order = np.argsort(words[:, 0], kind="stable")
    counts = np.bincount(words[:, 0], minlength=len(table.word_weights))
    return _Phrases(
        words=words[order],
        numbers=numbers[order],
        starts=starts_of(counts),
    )
