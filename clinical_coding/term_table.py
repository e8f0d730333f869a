"""Phrases that name a code, and how they are found in a note.

A phrase is a set of content words: "pain in the chest" and "chest pain" are one phrase. It is found
by one number per window of words, the sum of its words' numbers, so that all windows of a note are
looked up at once; what is found is then compared word for word. See docs/adr/0008-reading-a-note.md.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from clinical_coding.arrays import starts_of
from clinical_coding.note import IcdCode
from clinical_coding.spelling import respellings
from clinical_coding.words import content_words

LONGEST_PHRASE = 8  # content words


class TermKind(StrEnum):
    """Where a phrase comes from; the word goes into Evidence.match."""

    TITLE = "title"
    INCLUSION = "inclusion"
    INDEX = "index"
    SYNONYM = "synonym"  # Disease Ontology
    ABBREVIATION = "abbreviation"
    ACRONYM = "acronym"  # only in capitals: MS, ALL
    LAY = "lay"


KINDS = tuple(TermKind)  # a term's kind is kept as its place here

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One reading of a phrase: the code it names, a leaf or a header above leaves, and its kind."""

    code: IcdCode
    kind: TermKind


@dataclass(frozen=True, slots=True)
class PhraseHit:
    """A phrase of the table in words [first, last) of what was searched."""

    first: int
    last: int
    phrase: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TermTable:
    """Every phrase with its codes, as flat arrays; made by ``term_table``.

    A phrase's words are in ``phrase_words[phrase_starts[p] : phrase_starts[p + 1]]``, ascending,
    its terms in the same way in the two arrays of terms. Phrases ascend by ``sums``.
    """

    version: str
    word_numbers: dict[str, int] = field(repr=False)  # from 1; 0 is any other word
    word_weights: NDArray[np.float32] = field(repr=False)  # (words + 1,), rarity in titles
    codes: tuple[IcdCode, ...] = field(repr=False)
    sums: NDArray[np.uint64] = field(repr=False)  # (phrases,)
    phrase_starts: Numbers = field(repr=False)  # (phrases + 1,)
    phrase_words: Numbers = field(repr=False)
    term_starts: Numbers = field(repr=False)  # (phrases + 1,)
    term_codes: Numbers = field(repr=False)  # places in codes
    term_kinds: Numbers = field(repr=False)  # places in KINDS

    def __len__(self) -> int:
        return len(self.sums)

    def only(self, kept: NDArray[np.bool_]) -> "TermTable":
        """The table with the phrases that ``kept`` (phrases,) says, the words' weights as they are."""
        words, terms = np.diff(self.phrase_starts), np.diff(self.term_starts)
        return replace(
            self,
            sums=self.sums[kept],
            phrase_starts=starts_of(words[kept]),
            phrase_words=self.phrase_words[np.repeat(kept, words)],
            term_starts=starts_of(terms[kept]),
            term_codes=self.term_codes[np.repeat(kept, terms)],
            term_kinds=self.term_kinds[np.repeat(kept, terms)],
        )

    def terms_of(self, phrase: int) -> Iterator[Term]:
        """The codes that a phrase names."""
        first, last = self.term_starts[phrase], self.term_starts[phrase + 1]
        for code, kind in zip(
            self.term_codes[first:last].tolist(), self.term_kinds[first:last].tolist(), strict=True
        ):
            yield Term(code=self.codes[code], kind=KINDS[kind])

    def weight(self, word: str) -> float:
        """How rare a word is in the code set's titles (natural log); a word not in any is rarest."""
        return float(self.word_weights[self.word_numbers.get(word, 0)])

    def knows(self, word: str) -> bool:
        """Whether any phrase holds the word."""
        return word in self.word_numbers

    def respelt(self, word: str) -> str | None:
        """The one word of the table that a misspelt word can be; None where none or several are."""
        return _respelt(self, word)

    def find(self, words: Sequence[str], blocks: Sequence[int]) -> Iterator[PhraseHit]:
        """All phrases in a run of content words; none goes over from one block to the next.

        ``blocks`` numbers the block (a sentence) of each word, ascending.
        """
        numbers = np.array([self.word_numbers.get(word, 0) for word in words], dtype=np.int64)
        block = np.asarray(blocks, dtype=np.int64)
        running = np.concatenate(([np.uint64(0)], np.cumsum(word_keys(numbers), dtype=np.uint64)))
        for length in range(1, min(LONGEST_PHRASE, len(words)) + 1):
            sums = running[length:] - running[:-length]  # (windows,)
            places = np.searchsorted(self.sums, sums)
            places[places == len(self.sums)] = 0
            within = block[: len(sums)] == block[length - 1 :]
            for first in np.flatnonzero((self.sums[places] == sums) & within).tolist():
                phrase = int(places[first])
                if self._holds(phrase, numbers[first : first + length]):
                    yield PhraseHit(first, first + length, phrase)

    def _holds(self, phrase: int, numbers: Numbers) -> bool:
        first, last = self.phrase_starts[phrase], self.phrase_starts[phrase + 1]
        return bool(np.array_equal(self.phrase_words[first:last], np.sort(numbers)))


@lru_cache(maxsize=32_768)
def _respelt(table: TermTable, word: str) -> str | None:
    found = {other for other in respellings(word) if other in table.word_numbers}
    return found.pop() if len(found) == 1 else None


def phrase_sums(phrase_words: Numbers, phrase_starts: Numbers) -> NDArray[np.uint64]:
    """The sum of the keys of each phrase's words, by which a window of a note is looked up."""
    return np.add.reduceat(word_keys(phrase_words), phrase_starts[:-1])


def word_keys(numbers: Numbers) -> NDArray[np.uint64]:
    """A number of 64 well-mixed bits for each word (splitmix64), so that sums hardly ever agree."""
    key = (numbers.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))


def build_term_table(
    version: str, terms: Iterable[tuple[str, Term]], titles: Iterable[str]
) -> TermTable:
    """A table of phrases and what they name; ``titles`` say how rare each word is.

    A phrase is taken as its content words; one with none, or with more than LONGEST_PHRASE, is left
    out. Where a phrase names a code twice, the kind that comes first stays.
    """
    named: dict[tuple[str, ...], dict[IcdCode, TermKind]] = {}
    for phrase, term in terms:
        words = content_words(phrase)
        if 0 < len(words) <= LONGEST_PHRASE:
            named.setdefault(tuple(sorted(words)), {}).setdefault(term.code, term.kind)
    titled = [set(content_words(title)) for title in titles]
    counts = Counter(word for words in titled for word in words)
    vocabulary = sorted(set(counts).union(*named))
    weights = [math.log(len(titled) / (1 + counts[word])) for word in vocabulary]
    return _table(version, vocabulary, [math.log(len(titled)), *weights], named)


def _table(
    version: str,
    vocabulary: Sequence[str],
    weights: Sequence[float],
    named: Mapping[tuple[str, ...], Mapping[IcdCode, TermKind]],
) -> TermTable:
    word_numbers = {word: number for number, word in enumerate(vocabulary, start=1)}
    codes = tuple(sorted({code for terms in named.values() for code in terms}))
    places = {code: place for place, code in enumerate(codes)}
    numbers = {phrase: np.sort([word_numbers[word] for word in phrase]) for phrase in named}
    sums = {phrase: int(word_keys(words).sum()) for phrase, words in numbers.items()}
    ordered = sorted(named, key=sums.__getitem__)
    terms = [sorted(named[phrase].items()) for phrase in ordered]
    return TermTable(
        version=version,
        word_numbers=word_numbers,
        word_weights=np.array(weights, dtype=np.float32),
        codes=codes,
        sums=np.array([sums[phrase] for phrase in ordered], dtype=np.uint64),
        phrase_starts=starts_of([len(phrase) for phrase in ordered]),
        phrase_words=np.concatenate([numbers[phrase] for phrase in ordered]),
        term_starts=starts_of([len(of_phrase) for of_phrase in terms]),
        term_codes=np.array([places[code] for t in terms for code, _ in t], dtype=np.int64),
        term_kinds=np.array([KINDS.index(kind) for t in terms for _, kind in t], dtype=np.int64),
    )
