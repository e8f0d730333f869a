"""The (note, code) pairs of one note as columns: what the features are read from, all rows at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from clinical_coding.arrays import Features, starts_of
from clinical_coding.candidates import Candidate, Naming, best_naming
from clinical_coding.code_set import CodeSet, plain_text
from clinical_coding.proposing import CandidateSources, Proposal
from clinical_coding.scene import Scene, scene_of
from clinical_coding.term_table import TermTable
from clinical_coding.words import content_words

Column = NDArray[np.float64]  # (pairs,)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFacts:
    """What a code says whatever the note: its chapter and title, side and encounter left out.

    ``words`` are the title's content words, each once, ``weights`` how rare each is.
    """

    chapter: int
    words: tuple[str, ...]
    weights: tuple[float, ...]
    total: float
    unspecified: bool
    other: bool
    without: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """A note and its candidates, a row for each; ``best`` is the mention that speaks most for a row.

    ``said`` are the rows that a mention names. ``titles`` are rows of the title vectors.
    """

    scene: Scene
    candidates: Sequence[Candidate]
    best: tuple[Naming | None, ...]
    said: tuple[int, ...]
    facts: tuple[CodeFacts, ...]
    titles: NDArray[np.int64]  # (pairs,)
    word_places: NDArray[np.int64] = field(repr=False)  # of all titles' words, in scene.word_places
    word_weights: Column = field(repr=False)
    word_starts: NDArray[np.int64] = field(repr=False)  # (pairs,) each title's first

    def filled(self, rows: Iterable[int], values: Sequence[object], width: int) -> Features:
        """A column for each value, NaN but in some rows."""
        columns = np.full((len(self.candidates), width), np.nan, np.float32)
        if values:
            columns[list(rows)] = np.array(values, np.float32)
        return columns

    def of_title(self, present: NDArray[np.bool_]) -> NDArray[np.float64]:
        """How much of each title, by weight, is among some words: (..., pairs), 0..1.

        ``present`` says it of each of the scene's words, (..., words + 1); the last is none of them.
        """
        weights = present[..., self.word_places] * self.word_weights
        said = np.add.reduceat(weights, self.word_starts, axis=-1)
        shares: NDArray[np.float64] = said / np.array([facts.total for facts in self.facts])
        return shares


def pairs_of(proposal: Proposal, sources: CandidateSources) -> Pairs:
    """The pairs of a note with its candidates, of which there is at least one."""
    scene, candidates = scene_of(proposal), proposal.candidates
    facts = tuple(_facts(sources.code_set, sources.terms, one.code) for one in candidates)
    absent = len(scene.word_places)
    # a title's words follow a word that is none, so that none is empty
    places = [(absent, *(scene.word_places.get(w, absent) for w in one.words)) for one in facts]
    return Pairs(
        scene=scene,
        candidates=candidates,
        best=tuple(best_naming(one) for one in candidates),
        said=tuple(row for row, one in enumerate(candidates) if one.namings),
        facts=facts,
        titles=np.array([_title_row(one.code, sources) for one in candidates], np.int64),
        word_places=np.array([place for of_title in places for place in of_title], np.int64),
        word_weights=np.array([w for one in facts for w in (0.0, *one.weights)]),
        word_starts=starts_of([len(of_title) for of_title in places])[:-1],
    )


def _title_row(code: str, sources: CandidateSources) -> int:
    return sources.titles.row(code, sources.code_set.title(code))


@lru_cache(maxsize=32_768)
def _facts(code_set: CodeSet, terms: TermTable, code: str) -> CodeFacts:
    entry = code_set.entry(code)
    said = content_words(plain_text(entry.title))
    words = tuple(dict.fromkeys(said))
    weights = tuple(terms.weight(word) for word in words)
    return CodeFacts(
        chapter=entry.chapter,
        words=words,
        weights=weights,
        total=max(sum(weights), 1e-6),
        unspecified="unspecified" in entry.title.lower(),
        other=said[:1] == ("other",),
        without="without" in said,
    )
