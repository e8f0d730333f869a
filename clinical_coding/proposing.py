"""From notes to candidates: read, find phrases, compare clauses with titles."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, pairwise
from typing import Protocol

import numpy as np

from clinical_coding.arrays import Vectors
from clinical_coding.candidates import Candidate, Passage, propose, with_learnt
from clinical_coding.claim import Profile
from clinical_coding.code_set import CodeSet
from clinical_coding.learnt import Learnt
from clinical_coding.lessons import Lessons, lessons_of
from clinical_coding.mentions import Mention, find_mentions
from clinical_coding.note import IcdCode, Note
from clinical_coding.products import Products, one_at_a_time
from clinical_coding.projection import Projection
from clinical_coding.reading import Sentence, read, sides_told
from clinical_coding.similar import ClauseText, Similarity, clauses_to_encode, compare
from clinical_coding.term_table import TermTable
from clinical_coding.titles import TitleVectors

# Titles of one note that become candidates by likeness alone. A claim names its conditions; of all
# that is documented, more is only described.
MAX_TITLES = {Profile.CLAIM: 60, Profile.MENTIONS: 200}
CLAUSES_LEFT_OUT = "semantic-search-limited"  # warning on the coding of a very long note


class SentenceEncoder(Protocol):
    """Turns short texts into vectors whose dot product says how alike they are."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of length 1 for each text, float32, in order; no texts give no rows.

        A text's row depends on that text alone, so that a note is coded alike in any batch.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateSources:
    """What proposes codes for a note: everything of the engine but the ranker.

    ``titles`` are projected, clauses are when they are compared. ``learnt`` is asked where every
    documented condition is wanted; None where nothing was learnt.
    ``terms`` may be those of another release: they may then name codes that this code set does not
    have, ``retired``, and have no phrase but its title for a code that is new in it.
    """

    code_set: CodeSet
    terms: TermTable
    encoder: SentenceEncoder
    titles: TitleVectors
    projection: Projection | None = None
    learnt: Learnt | None = None
    products: Products = one_at_a_time
    retired: frozenset[str] = frozenset()


def taught(sources: CandidateSources, learnt: Learnt, projection: Projection) -> CandidateSources:
    """The sources with what labelled notes taught; ``learnt`` holds clauses as they were encoded."""
    titles = projection.of_titles(np.asarray(sources.titles.vectors), sources.products)
    clauses = projection.of_clauses(learnt.clause_vectors, sources.products)
    return replace(
        sources,
        titles=replace(sources.titles, vectors=titles),
        projection=projection,
        learnt=replace(learnt, clause_vectors=clauses),
    )


def sources_of_release(
    code_set: CodeSet, titles: TitleVectors, known: CandidateSources
) -> CandidateSources:
    """The sources for another release, with the terms and the encoder of a known one."""
    gone = (code for code in known.terms.codes if not code_set.billable_under(code))
    return replace(known, code_set=code_set, titles=titles, retired=frozenset(gone))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The candidates of one note and what they were found in.

    ``vectors`` are those of the similarity's clauses, row for row; ``lessons`` is None where
    nothing learnt was asked.
    ``retired`` are codes that its phrases name and that are gone from the release in force.
    """

    note: Note
    reading: tuple[Sentence, ...]
    similarity: Similarity
    vectors: Vectors
    lessons: Lessons | None
    candidates: tuple[Candidate, ...]
    retired: tuple[IcdCode, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    note: Note
    reading: tuple[Sentence, ...]
    mentions: tuple[Mention, ...]
    scattered: tuple[Mention, ...]
    clauses: tuple[ClauseText, ...]
    left_out: bool


def propose_batch(
    notes: Sequence[Note], sources: CandidateSources, profile: Profile
) -> tuple[Proposal, ...]:
    """The candidates of each note, in order; the encoder is called once for all."""
    learnt = sources.learnt if profile is Profile.MENTIONS else None
    taken = [_read(note, sources.terms) for note in notes]
    texts = [clause.text for of_note in taken for clause in of_note.clauses]
    vectors = sources.encoder.encode(texts)  # (clauses of all notes, dims)
    if sources.projection is not None:
        vectors = sources.projection.of_clauses(vectors, sources.products)
    clauses = [of_note.clauses for of_note in taken]
    similarities = compare(clauses, vectors, sources.titles, sources.products, MAX_TITLES[profile])
    ends = accumulate(map(len, clauses), initial=0)
    return tuple(
        _proposal(of_note, vectors[first:last], similarity, sources, learnt)
        for of_note, (first, last), similarity in zip(
            taken, pairwise(ends), similarities, strict=True
        )
    )


def _read(note: Note, terms: TermTable) -> _Read:
    reading = read(note.text)
    mentions, scattered = find_mentions(note.text, reading, terms)
    clauses, left_out = clauses_to_encode(note.text, reading, mentions, terms)
    return _Read(
        note=note,
        reading=reading,
        mentions=mentions,
        scattered=scattered,
        clauses=clauses,
        left_out=left_out,
    )


def _proposal(
    of_note: _Read,
    vectors: Vectors,
    similarity: Similarity,
    sources: CandidateSources,
    learnt: Learnt | None,
) -> Proposal:
    candidates = propose(
        of_note.note,
        of_note.mentions,
        of_note.scattered,
        similarity,
        sources.code_set,
        sources.titles,
        sides_told(of_note.reading),
    )
    told = None
    if learnt is not None:
        cosines = sources.products(vectors, learnt.clause_vectors)
        told = lessons_of(learnt, of_note.reading, of_note.mentions, cosines)
        candidates = with_learnt(
            candidates, sources.code_set, learnt.codes, told, partial(_passage, of_note, told)
        )
    return Proposal(
        note=of_note.note,
        reading=of_note.reading,
        similarity=similarity,
        vectors=vectors,
        lessons=told,
        candidates=candidates,
        retired=_retired(of_note.mentions, sources.retired),
        warnings=(CLAUSES_LEFT_OUT,) if of_note.left_out else (),
    )


def _passage(of_note: _Read, told: Lessons, code: int) -> Passage:
    """The gram that speaks most for a learnt code, by its place; where none does, the clause."""
    if told.gram[code] < 0:
        clause = of_note.clauses[int(told.clause[code])]
        return Passage(
            start=clause.start,
            end=clause.end,
            section=clause.section,
            assertion=clause.assertion,
        )
    gram = told.places[int(told.gram[code])][0]
    sentence = of_note.reading[gram.sentence]
    return Passage(
        start=sentence.words[gram.first].start,
        end=sentence.words[gram.last - 1].end,
        section=sentence.section,
        assertion=sentence.scopes.of_mention(gram.first, gram.last),
    )


def _retired(mentions: Sequence[Mention], retired: frozenset[str]) -> tuple[IcdCode, ...]:
    if not retired:
        return ()
    named = {term.code for mention in mentions for term in mention.terms}
    return tuple(sorted(named & retired))
