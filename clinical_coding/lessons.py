"""What labelled notes taught about one note: for each learnt code the words that speak for it."""

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from clinical_coding.learnt import Floats, Gram, Learnt, Numbers, grams_of
from clinical_coding.mentions import Mention
from clinical_coding.reading import Sentence

NEIGHBOURS = 15  # learnt clauses that vote, each for all its codes, on a clause's
_SHARPNESS, _DOUBT = 12.0, 0.03  # of votes: how fast they fade with the cosine, and a vote for none
_TELLING = 0.1  # strength from which a gram claims its words for itself

Spans = Mapping[int, Sequence[tuple[int, int]]]  # sentence: words [first, last) of each


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """An element for each of the learnt codes; zero, and -1 for places, where nothing speaks for it.

    ``gram`` is the strongest gram of the note for the code, a place in ``places``; ``clause`` the
    clause with the most votes.
    """

    places: tuple[tuple[Gram, ...], ...] = field(repr=False)  # of the note's learnt grams
    strength: Floats  # of that gram
    second: Floats  # of the next
    any_of: Floats  # noisy or of all
    share: Floats
    gram: Numbers
    rank: Numbers
    count: Floats  # how often that gram stands in the note
    alone_count: Floats  # how often not within a longer phrase or gram that says more
    alone_strength: Floats  # of the strongest gram that stands so
    alone_any_of: Floats
    lead: Floats  # of that gram before the strongest gram of another code at the same words
    gram_words: Floats
    gram_notes: Floats
    cosine: Floats  # of the likest learnt clause
    vote: Floats
    vote_rank: Numbers
    clause: Numbers


@dataclass(frozen=True, slots=True)
class _Links:
    """The links of a note's learnt grams, of each code the strongest first."""

    grams: Numbers  # places among the note's learnt grams
    codes: Numbers
    strengths: Floats
    shares: Floats
    first: Numbers  # of each code that has any


def lessons_of(
    learnt: Learnt, reading: Sequence[Sentence], mentions: Iterable[Mention], cosines: Floats
) -> Lessons:
    """Ask what was learnt about a note, read; ``cosines`` are (clauses, learnt clauses)."""
    found = {gram: at for gram, at in grams_of(reading).items() if gram in learnt.grams}
    known = np.array([learnt.grams[gram] for gram in found], np.int64)
    places = tuple(map(tuple, found.values()))
    links = _links(learnt, known)
    alone = _alone(places, _strongest_link(learnt, known), mentions)
    strength, second = _two_best(links, len(learnt.codes))
    gram = _spread(links.grams[links.first], links, -1, len(learnt.codes)).astype(np.int64)
    held = alone[links.grams] > 0
    cosine, vote, clause = _votes(learnt, cosines)
    return Lessons(
        places=places,
        strength=strength,
        second=second,
        any_of=_noisy_or(links, np.ones(len(held), bool), len(learnt.codes)),
        share=_spread(links.shares[links.first], links, 0, len(learnt.codes)),
        gram=gram,
        rank=_ranks(strength),
        count=_of_gram([len(at) for at in places], gram),
        alone_count=_of_gram(alone, gram),
        alone_strength=_best(links, held, len(learnt.codes)),
        alone_any_of=_noisy_or(links, held, len(learnt.codes)),
        lead=strength - _rivals(places, links, gram),
        gram_words=_of_gram([name.count(" ") + 1 for name in found], gram),
        gram_notes=_of_gram(learnt.gram_notes[known], gram),
        cosine=cosine,
        vote=vote,
        vote_rank=_ranks(vote + 0.01 * cosine),
        clause=clause,
    )


def _links(learnt: Learnt, known: Numbers) -> _Links:
    at = _ranges(learnt.starts, known)
    at_gram = np.repeat(np.arange(len(known)), learnt.starts[known + 1] - learnt.starts[known])
    order = np.lexsort((-learnt.link_strengths[at], learnt.link_codes[at]))
    codes = learnt.link_codes[at][order]
    return _Links(
        grams=at_gram[order],
        codes=codes,
        strengths=learnt.link_strengths[at][order],
        shares=learnt.link_shares[at][order],
        first=np.flatnonzero(np.diff(codes, prepend=-1)),
    )


def _strongest_link(learnt: Learnt, known: Numbers) -> Floats:
    """The strength of each gram's strongest link."""
    return np.array(
        [
            learnt.link_strengths[learnt.starts[gram] : learnt.starts[gram + 1]].max(initial=0)
            for gram in known.tolist()
        ],
        np.float32,
    )


def _alone(
    places: Sequence[Sequence[Gram]], strongest: Floats, mentions: Iterable[Mention]
) -> NDArray[np.int64]:
    """How often each gram stands where no longer mention or telling gram holds it."""
    spans: dict[int, list[tuple[int, int]]] = {}
    for mention in mentions:
        spans.setdefault(mention.sentence, []).append((mention.first, mention.last))
    for at, strength in zip(places, strongest.tolist(), strict=True):
        if strength >= _TELLING:
            for place in at:
                spans.setdefault(place.sentence, []).append((place.first, place.last))
    return np.array([sum(not _within(place, spans) for place in at) for at in places], np.int64)


def _within(place: Gram, spans: Spans) -> bool:
    words = place.last - place.first
    return any(
        first <= place.first and place.last <= last and last - first > words
        for first, last in spans.get(place.sentence, ())
    )


def _rivals(places: Sequence[Sequence[Gram]], links: _Links, gram: Numbers) -> Floats:
    """For each code the strongest link of any other code at the words of its own strongest gram."""
    at_word = _links_at_words(places, links)
    rivals = np.zeros(len(gram), np.float32)
    for code in np.flatnonzero(gram >= 0).tolist():
        near = (link for word in _words(places[int(gram[code])]) for link in at_word[word])
        rivals[code] = max((strength for strength, other in near if other != code), default=0)
    return rivals


def _links_at_words(
    places: Sequence[Sequence[Gram]], links: _Links
) -> dict[tuple[int, int], list[tuple[float, int]]]:
    """The two strongest links, of two codes, at each word that a learnt gram covers."""
    of_gram: list[list[tuple[float, int]]] = [[] for _ in places]
    each = zip(links.grams.tolist(), links.strengths.tolist(), links.codes.tolist(), strict=True)
    for gram, strength, code in each:
        _keep_two(of_gram[gram], (strength, code))
    at_word: dict[tuple[int, int], list[tuple[float, int]]] = {}
    for at, strongest in zip(places, of_gram, strict=True):
        for word in _words(at):
            kept = at_word.setdefault(word, [])
            for link in strongest:
                _keep_two(kept, link)
    return at_word


def _words(places: Iterable[Gram]) -> Iterator[tuple[int, int]]:
    return ((at.sentence, word) for at in places for word in range(at.first, at.last))


def _keep_two(kept: list[tuple[float, int]], link: tuple[float, int]) -> None:
    """Keep the strongest links of two codes."""
    same = [one for one in kept if one[1] == link[1]]
    if same and same[0] >= link:
        return
    for one in same:
        kept.remove(one)
    insort(kept, link)
    del kept[:-2]


def _two_best(links: _Links, codes: int) -> tuple[Floats, Floats]:
    best, second = np.zeros(codes, np.float32), np.zeros(codes, np.float32)
    named = links.codes[links.first]
    best[named] = links.strengths[links.first]
    several = np.diff(np.append(links.first, len(links.codes))) > 1
    second[named[several]] = links.strengths[links.first[several] + 1]
    return best, second


def _best(links: _Links, held: NDArray[np.bool_], codes: int) -> Floats:
    best = np.zeros(codes, np.float32)
    np.maximum.at(best, links.codes[held], links.strengths[held])
    return best


def _noisy_or(links: _Links, held: NDArray[np.bool_], codes: int) -> Floats:
    none = np.log1p(-np.minimum(links.strengths[held], 0.99))
    summed = np.bincount(links.codes[held], weights=none, minlength=codes)
    return (1 - np.exp(summed)).astype(np.float32)


def _spread(values: NDArray[np.generic], links: _Links, nothing: float, codes: int) -> Floats:
    """Values of the codes that have links, as one for every code."""
    spread = np.full(codes, nothing, np.float32)
    spread[links.codes[links.first]] = values
    return spread


def _of_gram(values: Sequence[int] | NDArray[np.generic], gram: Numbers) -> Floats:
    """For each code the value of its strongest gram, 0 where it has none."""
    padded = np.append(np.asarray(values, np.float32), np.float32(0))
    return padded[gram]


def _votes(learnt: Learnt, cosines: Floats) -> tuple[Floats, Floats, Numbers]:
    codes = len(learnt.codes)
    cosine, vote = np.full(codes, -1, np.float32), np.zeros(codes, np.float32)
    clause = np.full(codes, -1, np.int64)
    if not cosines.size:
        return cosine, vote, clause
    of_each = np.diff(learnt.clause_starts)
    np.maximum.at(cosine, learnt.clause_codes, np.repeat(cosines.max(axis=0), of_each))
    count = min(NEIGHBOURS, cosines.shape[1])
    nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
    weights = np.exp(_SHARPNESS * (np.take_along_axis(cosines, nearest, axis=1) - 1))
    weights /= weights.sum(axis=1, keepdims=True) + _DOUBT
    for number, (near, weight) in enumerate(zip(nearest, weights, strict=True)):
        at = _ranges(learnt.clause_starts, near)
        votes = np.bincount(
            learnt.clause_codes[at], weights=np.repeat(weight, of_each[near]), minlength=codes
        ).astype(np.float32)
        clause[votes > vote] = number
        vote = np.maximum(vote, votes)
    return cosine, vote, clause


def _ranges(starts: Numbers, chosen: Numbers) -> Numbers:
    """The places [starts[c], starts[c + 1]) of each of the chosen, one behind another."""
    counts = starts[chosen + 1] - starts[chosen]
    at: Numbers = np.repeat(starts[chosen] - np.cumsum(counts) + counts, counts)
    return at + np.arange(len(at))


def _ranks(values: Floats) -> Numbers:
    ranks = np.empty(len(values), np.int64)
    ranks[np.argsort(-values, kind="stable")] = np.arange(len(values))
    return ranks
