"""Titles that read like a clause of the note: what the encoder adds to the term table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from clinical_coding.arrays import Vectors
from clinical_coding.assertion import HELD_AS_OWN
from clinical_coding.claim import Assertion
from clinical_coding.leaves import Context
from clinical_coding.mentions import Mention
from clinical_coding.products import Products
from clinical_coding.reading import Sentence
from clinical_coding.sentences import Clause
from clinical_coding.term_table import TermTable
from clinical_coding.titles import TitleVectors
from clinical_coding.words import content_places

MAX_CLAUSES = 256  # texts of one note that are encoded; a longer note's later ones are left out

_NEVER_A_FINDING = frozenset({"medications", "allergies", "immunizations", "return_precautions"})
_READ_FIRST = (
    "assessment",
    "discharge_diagnosis",
    "chief_complaint",
    "hpi",
    "hospital_course",
    "plan",
    "pmh",
)
_NEAR = 4  # words on either side of a clause that may settle a detail
_MIN_LETTERS = 3

Cosines = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseText:
    """A clause to encode: [start, end) in the note, and its text with blanks evened out."""

    start: int
    end: int
    section: str
    assertion: Assertion
    context: Context
    words: int
    text: str = field(repr=False)  # PHI


@dataclass(frozen=True, slots=True, kw_only=True)
class Similarity:
    """How like each title the note is: ``best`` is the cosine of its best clause."""

    clauses: tuple[ClauseText, ...]
    best: Cosines  # (texts,), -1..1
    top: tuple[int, ...]  # rows of the likest titles, likest first
    top_clauses: tuple[ClauseText, ...]  # for each of these the clause that it is like


def clauses_to_encode(
    text: str, reading: Sequence[Sentence], mentions: Sequence[Mention], terms: TermTable
) -> tuple[tuple[ClauseText, ...], bool]:
    """The clauses that may hold a finding that no phrase names, and whether some were left out.

    Equal texts are taken once, where they first stand in the most telling section.
    """
    named = {(m.sentence, place) for m in mentions for place in range(m.first, m.last)}
    clauses = sorted(_clauses(text, reading, named, terms), key=_telling)
    first: dict[str, ClauseText] = {}
    for clause in clauses:
        first.setdefault(clause.text, clause)
    return tuple(first.values())[:MAX_CLAUSES], len(first) > MAX_CLAUSES


def compare(
    clauses: Sequence[tuple[ClauseText, ...]],
    vectors: Vectors,
    titles: TitleVectors,
    products: Products,
    most: int,
) -> Iterator[Similarity]:
    """Compare each note's clauses with each title, and keep the ``most`` likest titles.

    ``vectors`` are of all clauses, note after note.
    """
    for notes, (first, last) in _portions([len(of_note) for of_note in clauses]):
        cosines = products(vectors[first:last], titles.vectors)  # (clauses, texts)
        for of_note in clauses[notes]:
            yield _similarity(of_note, cosines[: len(of_note)], titles, most)
            cosines = cosines[len(of_note) :]


def _portions(counts: Sequence[int]) -> Iterator[tuple[slice, tuple[int, int]]]:
    """Stretches of notes with at most MAX_CLAUSES clauses together, so that memory is bounded."""
    ends = [0, *accumulate(counts)]
    first = 0
    for at in range(1, len(ends)):
        if at == len(counts) or ends[at + 1] - ends[first] > MAX_CLAUSES:
            yield slice(first, at), (ends[first], ends[at])
            first = at


def _similarity(
    clauses: tuple[ClauseText, ...], cosines: Cosines, titles: TitleVectors, most: int
) -> Similarity:
    if not clauses:
        none = np.zeros(len(titles.codes), np.float32)
        return Similarity(clauses=(), best=none, top=(), top_clauses=())
    best = cosines.max(axis=0)
    count = min(most, len(best))
    likest = np.argpartition(-best, count - 1)[:count]
    top = likest[np.lexsort((likest, -best[likest]))]
    return Similarity(
        clauses=clauses,
        best=best,
        top=tuple(top.tolist()),
        top_clauses=tuple(clauses[place] for place in cosines[:, top].argmax(axis=0)),
    )


def _clauses(
    text: str,
    reading: Sequence[Sentence],
    named: set[tuple[int, int]],
    terms: TermTable,
) -> Iterator[ClauseText]:
    for at, sentence in enumerate(reading):
        if sentence.section in _NEVER_A_FINDING:
            continue
        for clause in sentence.clauses:
            assertion = sentence.scopes.of_clause(clause.first, clause.last)
            if assertion in HELD_AS_OWN and _says_more(sentence, clause, at, named, terms):
                yield _clause_text(text, sentence, clause, assertion)


def _says_more(
    sentence: Sentence,
    clause: Clause,
    at: int,
    named: set[tuple[int, int]],
    terms: TermTable,
) -> bool:
    """Whether a clause holds a word of the code set that no phrase in it has used."""
    normals = sentence.normals[clause.first : clause.last]
    return any(
        len(normals[place]) >= _MIN_LETTERS
        and normals[place].isalpha()
        and (at, clause.first + place) not in named
        and terms.knows(normals[place])
        for place in content_places(normals)
    )


def _clause_text(text: str, sentence: Sentence, clause: Clause, assertion: Assertion) -> ClauseText:
    words = sentence.words
    start, end = words[clause.first].start, words[clause.last - 1].end
    return ClauseText(
        start=start,
        end=end,
        section=sentence.section,
        assertion=assertion,
        context=sentence.context(clause.first, clause.last, _NEAR),
        words=clause.last - clause.first,
        text=" ".join(text[start:end].split()),
    )


def _telling(clause: ClauseText) -> tuple[int, int]:
    order = _READ_FIRST.index(clause.section) if clause.section in _READ_FIRST else len(_READ_FIRST)
    return order, clause.start
