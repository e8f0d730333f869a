"""Where a note names a code: phrases of the term table, with how the note holds them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from clinical_coding.claim import Assertion
from clinical_coding.leaves import Context
from clinical_coding.reading import Sentence
from clinical_coding.scattered import find_scattered
from clinical_coding.term_table import PhraseHit, Term, TermKind, TermTable
from clinical_coding.words import content_places, spelt_out

_LIST_NUMBER = re.compile(r"\d{1,2}[.)]\s")
_NEAR = 8  # words on either side that may settle a detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Words of the note, [start, end) in its characters, that name one or more codes.

    ``sentence`` is a place in the reading, [first, last) are words of that sentence. ``length``
    counts the phrase's content words, ``share`` is how much of the sentence's content they are,
    ``respelt`` says that a misspelling was read.
    """

    start: int
    end: int
    sentence: int
    first: int
    last: int
    terms: tuple[Term, ...]
    assertion: Assertion
    section: str
    context: Context
    words: frozenset[str] = field(repr=False)  # PHI
    length: int
    weight: float
    share: float
    respelt: bool


@dataclass(frozen=True, slots=True)
class _Content:
    """A content word: its place in the reading and the spelling to look up."""

    sentence: int
    place: int
    spelling: str
    respelt: bool


@dataclass(frozen=True, slots=True)
class _Named:
    """Content words [first, last) and what they name."""

    first: int
    last: int
    terms: tuple[Term, ...]


def find_mentions(
    text: str, reading: Sequence[Sentence], terms: TermTable
) -> tuple[tuple[Mention, ...], tuple[Mention, ...]]:
    """Every phrase in the note that no longer one holds, in order of the text, and those scattered.

    A phrase may go over a comma only to the end of what follows it: "diabetes, type 2" is one
    phrase, "chest pain, knee swelling" holds no knee pain. A scattered phrase's words stand apart in
    a sentence: its mention goes from the first to the last, and its ``words``, ``length`` and
    ``weight`` are of all that is between them.
    """
    content = tuple(_content(text, reading, terms))
    counts = Counter(word.sentence for word in content)
    hits = find_scattered(terms, [c.spelling for c in content], [c.sentence for c in content])
    apart = (_Named(h.first, h.last, tuple(terms.terms_of(h.phrase))) for h in hits)

    def mentions(found: Iterable[_Named]) -> tuple[Mention, ...]:
        return tuple(
            _mention(one, content[one.first : one.last], reading, counts, terms) for one in found
        )

    return mentions(_longest(_named(text, content, reading, terms))), mentions(apart)


def _content(text: str, reading: Sequence[Sentence], terms: TermTable) -> Iterator[_Content]:
    for at, sentence in enumerate(reading):
        numbered = _LIST_NUMBER.match(text, sentence.words[0].start)
        for place in content_places(sentence.normals):
            if numbered and place == 0:
                continue  # "1. DM type 2" is not type 1
            normal = spelt_out(sentence.normals[place])
            respelt = None if terms.knows(normal) else terms.respelt(normal)
            yield _Content(at, place, respelt or normal, respelt is not None)


def _named(
    text: str, content: Sequence[_Content], reading: Sequence[Sentence], terms: TermTable
) -> Iterator[_Named]:
    for hit in terms.find([c.spelling for c in content], [c.sentence for c in content]):
        words = reading[content[hit.first].sentence].words
        start = words[content[hit.first].place].start
        end = words[content[hit.last - 1].place].end
        named = tuple(_as_written(terms.terms_of(hit.phrase), text[start:end]))
        if named and _keeps_segments(hit, content, reading):
            yield _Named(hit.first, hit.last, named)


def _as_written(terms: Iterable[Term], written: str) -> Iterator[Term]:
    """The terms that are met in this spelling: an acronym only in capitals."""
    return (term for term in terms if term.kind is not TermKind.ACRONYM or written.isupper())


def _keeps_segments(
    hit: PhraseHit, content: Sequence[_Content], reading: Sequence[Sentence]
) -> bool:
    first, last = content[hit.first], content[hit.last - 1]
    segments = reading[first.sentence].segments
    if segments[first.place] == segments[last.place] or hit.last == len(content):
        return True
    after = content[hit.last]
    return after.sentence != last.sentence or segments[after.place] != segments[last.place]


def _longest(named: Iterable[_Named]) -> Iterator[_Named]:
    """What is named, without what lies within a longer phrase, in order of the text."""
    reach = 0
    for name in sorted(named, key=lambda name: (name.first, -name.last)):
        if name.last > reach:
            reach = name.last
            yield name


def _mention(
    named: _Named,
    words: Sequence[_Content],
    reading: Sequence[Sentence],
    counts: Mapping[int, int],
    terms: TermTable,
) -> Mention:
    at, first, last = words[0].sentence, words[0].place, words[-1].place + 1
    sentence = reading[at]
    return Mention(
        start=sentence.words[first].start,
        end=sentence.words[last - 1].end,
        sentence=at,
        first=first,
        last=last,
        terms=named.terms,
        assertion=sentence.scopes.of_mention(first, last),
        section=sentence.section,
        context=sentence.context(first, last, _NEAR),
        words=frozenset(word.spelling for word in words),
        length=len(words),
        weight=sum(terms.weight(word.spelling) for word in words),
        share=len(words) / counts[at],
        respelt=any(word.respelt for word in words),
    )
