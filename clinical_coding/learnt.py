"""What labelled notes taught: words, and clauses, that stand in a note because of a code.

Titles and indexes say how a code is named; only coded notes say how it is written about ("necrosis"
for I96). Both kinds of knowledge are tables of a bundle, fitted by training/learning.py, and are asked
for every documented condition (Profile.MENTIONS) only: they know what a case report's coder marks,
not what a claim reports.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clinical_coding.arrays import Vectors
from clinical_coding.assertion import HELD_AS_OWN
from clinical_coding.mentions import Mention
from clinical_coding.note import IcdCode
from clinical_coding.reading import Sentence
from clinical_coding.words import FILLERS, spelt_out

LONGEST_GRAM = 4  # words
_MIN_LETTERS = 3

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tried:
    """In how many labelled notes a phrase was held, and in how many of them its code was given."""

    notes: int
    coded: int

    @property
    def rate(self) -> float:
        """The share, drawn towards a third where there are few notes."""
        return (self.coded + 0.3) / (self.notes + 1)


UNTRIED = Tried(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gram:
    """Where one to four words stand in a note: words [first, last) of a sentence."""

    sentence: int
    first: int
    last: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Learnt:
    """Codes of labelled notes, the grams that speak for them, and clauses that were written for them.

    A gram's links are ``link_codes[starts[g] : starts[g + 1]]`` (places in ``codes``) and, beside
    them, ``link_strengths``: how likely a note with the gram has the code because of it (IBM Model 1;
    Brown et al., 1993), and ``link_shares``: in which share of the notes with the gram it has the code.
    """

    codes: tuple[IcdCode, ...] = field(repr=False)
    code_notes: NDArray[np.int32] = field(repr=False)  # (codes,) labelled notes with the code
    grams: dict[str, int] = field(repr=False)
    gram_notes: NDArray[np.int32] = field(repr=False)  # (grams,) labelled notes with the gram
    starts: Numbers = field(repr=False)  # (grams + 1,)
    link_codes: Numbers = field(repr=False)
    link_strengths: Floats = field(repr=False)
    link_shares: Floats = field(repr=False)
    phrases: dict[str, Tried] = field(repr=False)  # any code of a phrase of the term table
    namings: dict[tuple[str, IcdCode], Tried] = field(repr=False)  # a phrase and one of its codes
    clause_vectors: Vectors = field(repr=False)  # (clauses, dims), each once
    clause_starts: Numbers = field(repr=False)  # (clauses + 1,)
    clause_codes: Numbers = field(repr=False)  # places in codes

    @cached_property
    def places(self) -> dict[IcdCode, int]:
        """The place of each code in ``codes``."""
        return {code: place for place, code in enumerate(self.codes)}

    @cached_property
    def category_notes(self) -> Counter[str]:
        """How often labelled notes have a code of each category."""
        found: Counter[str] = Counter()
        for code, notes in zip(self.codes, self.code_notes.tolist(), strict=True):
            found[code[:3]] += notes
        return found


def grams_of(reading: Sequence[Sentence]) -> dict[str, list[Gram]]:
    """The grams of a note that are neither denied nor another's, each wherever it stands.

    A gram neither begins nor ends with a word that carries nothing.
    """
    found: dict[str, list[Gram]] = {}
    for at, sentence in enumerate(reading):
        for first, last in _runs(sentence):
            _add_grams(found, at, [spelt_out(w) for w in sentence.normals[first:last]], first)
    return found


def _runs(sentence: Sentence) -> Iterator[tuple[int, int]]:
    """Stretches of words that the note holds of its patient."""
    first = None
    for place in range(len(sentence.normals)):
        if sentence.scopes.of_mention(place, place + 1) in HELD_AS_OWN:
            first = place if first is None else first
        elif first is not None:
            yield first, place
            first = None
    if first is not None:
        yield first, len(sentence.normals)


def _add_grams(found: dict[str, list[Gram]], at: int, words: Sequence[str], offset: int) -> None:
    telling = [word not in FILLERS and word[:1].isalpha() for word in words]
    for first in range(len(words)):
        if not telling[first]:
            continue
        gram = ""
        for last in range(first + 1, min(len(words), first + LONGEST_GRAM) + 1):
            gram = f"{gram} {words[last - 1]}" if gram else words[last - 1]
            if telling[last - 1] and len(gram) >= _MIN_LETTERS:
                place = Gram(sentence=at, first=offset + first, last=offset + last)
                found.setdefault(gram, []).append(place)


def phrase_of(mention: Mention) -> str:
    """The name of a mention's phrase in ``phrases`` and ``namings``."""
    return " ".join(sorted(mention.words))
