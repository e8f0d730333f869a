"""From notes to candidates: read, find phrases, compare clauses with titles."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Protocol

from clinical_coding.arrays import Vectors
from clinical_coding.candidates import Candidate, propose
from clinical_coding.code_set import CodeSet
from clinical_coding.mentions import Mention, find_mentions
from clinical_coding.note import IcdCode, Note
from clinical_coding.reading import Sentence, read
from clinical_coding.similar import ClauseText, Similarity, clauses_to_encode, compare
from clinical_coding.term_table import TermTable
from clinical_coding.titles import TitleVectors

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

    ``terms`` may be those of another release: they may then name codes that this code set does not
    have, ``retired``, and have no phrase but its title for a code that is new in it.
    """

    code_set: CodeSet
    terms: TermTable
    encoder: SentenceEncoder
    titles: TitleVectors
    retired: frozenset[str] = frozenset()


def sources_of_release(
    code_set: CodeSet, titles: TitleVectors, known: CandidateSources
) -> CandidateSources:
    """The sources for another release, with the terms and the encoder of a known one."""
    gone = (code for code in known.terms.codes if not code_set.billable_under(code))
    return replace(known, code_set=code_set, titles=titles, retired=frozenset(gone))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The candidates of one note and what they were found in.

    ``retired`` are codes that its phrases name and that are gone from the release in force.
    """

    note: Note
    reading: tuple[Sentence, ...]
    similarity: Similarity
    candidates: tuple[Candidate, ...]
    retired: tuple[IcdCode, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    note: Note
    reading: tuple[Sentence, ...]
    mentions: tuple[Mention, ...]
    clauses: tuple[ClauseText, ...]
    left_out: bool


def propose_batch(notes: Sequence[Note], sources: CandidateSources) -> tuple[Proposal, ...]:
    """The candidates of each note, in order; the encoder is called once for all."""
    taken = [_read(note, sources.terms) for note in notes]
    texts = [clause.text for of_note in taken for clause in of_note.clauses]
    vectors = sources.encoder.encode(texts)  # (clauses of all notes, dims)
    ends = accumulate((len(of_note.clauses) for of_note in taken), initial=0)
    return tuple(
        _proposal(of_note, vectors[first:last], sources)
        for of_note, (first, last) in zip(taken, pairwise(ends), strict=True)
    )


def _read(note: Note, terms: TermTable) -> _Read:
    reading = read(note.text)
    mentions = find_mentions(note.text, reading, terms)
    clauses, left_out = clauses_to_encode(note.text, reading, mentions, terms)
    return _Read(note=note, reading=reading, mentions=mentions, clauses=clauses, left_out=left_out)


def _proposal(of_note: _Read, vectors: Vectors, sources: CandidateSources) -> Proposal:
    similarity = compare(of_note.clauses, vectors, sources.titles)
    return Proposal(
        note=of_note.note,
        reading=of_note.reading,
        similarity=similarity,
        candidates=propose(
            of_note.note, of_note.mentions, similarity, sources.code_set, sources.titles
        ),
        retired=_retired(of_note.mentions, sources.retired),
        warnings=(CLAUSES_LEFT_OUT,) if of_note.left_out else (),
    )


def _retired(mentions: Sequence[Mention], retired: frozenset[str]) -> tuple[IcdCode, ...]:
    if not retired:
        return ()
    named = {term.code for mention in mentions for term in mention.terms}
    return tuple(sorted(named & retired))
