"""What all candidates of a note share: its words as the note holds them, and its counts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from clinical_coding.assertion import HELD_AS_OWN
from clinical_coding.leaves import plain_text
from clinical_coding.note import Note
from clinical_coding.proposing import CandidateSources, Proposal
from clinical_coding.reading import Sentence
from clinical_coding.similar import Similarity
from clinical_coding.term_table import TermTable
from clinical_coding.words import FILLERS, content_words


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleWords:
    """The content words of a title without side and encounter, with how rare each is."""

    weights: dict[str, float]
    total: float
    unspecified: bool
    other: bool
    without: bool

    def share(self, words: frozenset[str]) -> float:
        """How much of the title, by weight, is among some words: 0..1."""
        return sum(self.weights[word] for word in self.weights.keys() & words) / self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One note as its candidates see it; ``words`` leave out what is denied or another's."""

    note: Note = field(repr=False)
    characters: int
    words: frozenset[str] = field(repr=False)
    sentences: tuple[frozenset[str], ...] = field(repr=False)
    similarity: Similarity
    candidates: int
    named: int
    named_in_category: Counter[str]
    longest_in_category: Counter[str]
    has_assessment: bool
    sources: CandidateSources

    def row(self, code: str) -> int:
        """The row of a candidate's title among the title vectors."""
        return self.sources.titles.row(code, self.sources.code_set.title(code))

    def chapter(self, code: str) -> int:
        """The chapter of a candidate's code, 1..22."""
        return self.sources.code_set.entry(code).chapter

    def title_words(self, code: str) -> TitleWords:
        """The words of a candidate's title."""
        return _title_words(self.sources.terms, self.sources.code_set.title(code))


def scene_of(proposal: Proposal, sources: CandidateSources) -> Scene:
    """The scene of a note with its candidates."""
    sentences = tuple(_held_words(sentence) for sentence in proposal.reading)
    named = {
        candidate.code: max(naming.mention.length for naming in candidate.namings)
        for candidate in proposal.candidates
        if any(naming.mention.assertion in HELD_AS_OWN for naming in candidate.namings)
    }
    return Scene(
        note=proposal.note,
        characters=max(1, len(proposal.note.text)),
        words=frozenset().union(*sentences),
        sentences=tuple(dict.fromkeys(sentences)),
        similarity=proposal.similarity,
        candidates=len(proposal.candidates),
        named=len(named),
        named_in_category=Counter(code[:3] for code in named),
        longest_in_category=_longest(named.items()),
        has_assessment=any(s.section == "assessment" for s in proposal.reading),
        sources=sources,
    )


def _held_words(sentence: Sentence) -> frozenset[str]:
    return frozenset(
        normal
        for place, normal in enumerate(sentence.normals)
        if normal not in FILLERS and sentence.scopes.of_mention(place, place + 1) in HELD_AS_OWN
    )


def _longest(lengths: Iterable[tuple[str, int]]) -> Counter[str]:
    longest: Counter[str] = Counter()
    for code, length in lengths:
        longest[code[:3]] = max(longest[code[:3]], length)
    return longest


@lru_cache(maxsize=32_768)
def _title_words(terms: TermTable, title: str) -> TitleWords:
    words = content_words(plain_text(title))
    weights = {word: terms.weight(word) for word in words}
    return TitleWords(
        weights=weights,
        total=max(sum(weights.values()), 1e-6),
        unspecified="unspecified" in title.lower(),
        other=words[:1] == ("other",),
        without="without" in words,
    )
