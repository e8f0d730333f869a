"""A note taken apart: its sentences, each with its section, words, clauses and assertions."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from clinical_coding.assertion import Scopes, scopes
from clinical_coding.claim import Assertion
from clinical_coding.leaves import Context, context_of
from clinical_coding.sections import split_sections
from clinical_coding.sentences import Clause, cut, split_clauses, split_sentences
from clinical_coding.words import Word, spelt_out, split_words

_COMMA = re.compile(r"[,:()\[\]/\n]|[-\u2013\u2014]\s|\s[-\u2013\u2014]")

_SIDES = {"right": "right", "left": "left", "bilateral": "bilateral", "both": "bilateral"}
_SIDE_REACH = 3  # words
_NOT_OWN = frozenset({Assertion.ABSENT, Assertion.FAMILY, Assertion.HYPOTHETICAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One statement of the note.

    ``normals`` are the words' normal spellings; ``segments`` numbers the stretches between commas
    and brackets, a number for each word.
    """

    section: str
    words: tuple[Word, ...]
    normals: tuple[str, ...] = field(repr=False)  # PHI
    segments: tuple[int, ...]
    scopes: Scopes
    clauses: tuple[Clause, ...]

    def context(self, first: int, last: int, reach: int) -> Context:
        """What may settle a detail of words [first, last): at most ``reach`` words on either side.

        What is denied or another's settles none, unless the words themselves are held so.
        """
        held = self.scopes.of_mention(first, last)
        said = [
            normal if held in _NOT_OWN or self.scopes.of_mention(at, at + 1) not in _NOT_OWN else ""
            for at, normal in enumerate(self.normals[: last + reach])
        ]
        return context_of(said[max(0, first - reach) : first], said[first:last], said[last:])


def read(text: str) -> tuple[Sentence, ...]:
    """The sentences of a note in order; every place in them counts the note's own characters."""
    return tuple(
        _sentence(text, words, section.name)
        for section in split_sections(text)
        for start, end in split_sentences(text, section.start, section.end)
        for words in cut(tuple(split_words(text, start, end)))
    )


def sides_told(reading: Iterable[Sentence]) -> dict[str, frozenset[str]]:
    """Each word that a side stands before, within a few words, with the sides that do.

    "The left ankle" somewhere in a note settles of which ankle its assessment speaks (I.B.13).
    """
    told: defaultdict[str, set[str]] = defaultdict(set)
    for sentence in reading:
        for place, word in enumerate(sentence.normals):
            side = _SIDES.get(word)
            if side and sentence.scopes.of_mention(place, place + 1) not in _NOT_OWN:
                for near in sentence.normals[place + 1 : place + 1 + _SIDE_REACH]:
                    told[spelt_out(near)].add(side)
    return {word: frozenset(sides) for word, sides in told.items()}


def _sentence(text: str, words: Sequence[Word], section: str) -> Sentence:
    segments = tuple(_segments(text, words))
    normals = tuple(word.normal for word in words)
    return Sentence(
        section=section,
        words=tuple(words),
        normals=normals,
        segments=segments,
        scopes=scopes(normals, segments, section),
        clauses=tuple(split_clauses(text, words)),
    )


def _segments(text: str, words: Sequence[Word]) -> Iterator[int]:
    breaks = (bool(_COMMA.search(text, a.end, b.start)) for a, b in pairwise(words))
    return accumulate(breaks, initial=0)
