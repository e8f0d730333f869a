"""What all candidates of a note share: its words as the note holds them, and its counts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from clinical_coding.assertion import HELD_AS_OWN
from clinical_coding.note import Note
from clinical_coding.proposing import Proposal
from clinical_coding.reading import Sentence
from clinical_coding.similar import Similarity
from clinical_coding.words import FILLERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One note as its candidates see it; its words leave out what is denied or another's."""

    note: Note = field(repr=False)
    characters: int
    word_places: dict[str, int] = field(repr=False)  # a place for each word
    sentences: NDArray[np.bool_] = field(repr=False)  # (different ones, words + 1), the last False
    similarity: Similarity
    candidates: int
    named: int
    named_in_category: Counter[str]
    longest_in_category: Counter[str]
    has_assessment: bool


def scene_of(proposal: Proposal) -> Scene:
    """The scene of a note with its candidates."""
    sentences = tuple(dict.fromkeys(_held_words(sentence) for sentence in proposal.reading))
    words = {word: place for place, word in enumerate(frozenset().union(*sentences))}
    named = {
        candidate.code: max(naming.mention.length for naming in candidate.namings)
        for candidate in proposal.candidates
        if any(naming.mention.assertion in HELD_AS_OWN for naming in candidate.namings)
    }
    return Scene(
        note=proposal.note,
        characters=max(1, len(proposal.note.text)),
        word_places=words,
        sentences=_membership(sentences, words),
        similarity=proposal.similarity,
        candidates=len(proposal.candidates),
        named=len(named),
        named_in_category=Counter(code[:3] for code in named),
        longest_in_category=_longest(named.items()),
        has_assessment=any(s.section == "assessment" for s in proposal.reading),
    )


def _held_words(sentence: Sentence) -> frozenset[str]:
    return frozenset(
        normal
        for place, normal in enumerate(sentence.normals)
        if normal not in FILLERS and sentence.scopes.of_mention(place, place + 1) in HELD_AS_OWN
    )


def _membership(sentences: Sequence[frozenset[str]], words: dict[str, int]) -> NDArray[np.bool_]:
    held = np.zeros((len(sentences), len(words) + 1), np.bool_)
    for row, sentence in zip(held, sentences, strict=True):
        row[[words[word] for word in sentence]] = True
    return held


def _longest(lengths: Iterable[tuple[str, int]]) -> Counter[str]:
    longest: Counter[str] = Counter()
    for code, length in lengths:
        longest[code[:3]] = max(longest[code[:3]], length)
    return longest
