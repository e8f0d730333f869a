"""Labelled notes to what they teach: IBM Model 1 over grams, and the clauses that codes stand for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from clinical_coding.arrays import Vectors, starts_of
from clinical_coding.assertion import HELD_AS_OWN
from clinical_coding.candidates import Candidate
from clinical_coding.claim import Profile
from clinical_coding.code_set import CodeSet
from clinical_coding.learnt import Floats, Learnt, Numbers, Tried, grams_of, phrase_of
from clinical_coding.leaves import NOTHING_SAID, choose_leaf
from clinical_coding.note import IcdCode, LabelledNote
from clinical_coding.proposing import CandidateSources, propose_batch
from clinical_coding.term_table import TermTable
from clinical_coding.words import content_words, spelt_out, split_words
from runtime.progress import Progress
from training.pairs import are_gold, batches

N = TypeVar("N", str, tuple[str, IcdCode])

LEAST_NOTES = 2  # that a gram must stand in
ITERATIONS = 8
NO_GRAM = 0.02  # weight of the thought that no gram of the note is why it has the code
NAMED = 4.0  # how much likelier a gram is at the start that the term table has for the code
FEW_NOTES = 4.0  # shrinkage of a gram's first guess
UNSEEN_NOTES = 1.5  # shrinkage of what is fitted
LEAST_STRENGTH = 0.005  # of a link that is kept
TELLING_GRAMS = 4  # of a note for a code, by which its clauses are found
CLEARLY = 0.3  # the best clause stays alone when it leads by so much
A_WORD = 0.005  # long clauses say more beside the code: a word costs so much


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One labelled note, read: its grams, its clauses as runs of words and as vectors, its codes."""

    grams: tuple[str, ...] = field(repr=False)
    clauses: tuple[str, ...] = field(repr=False)
    vectors: Vectors = field(repr=False)  # (clauses, dims)
    namings: Mapping[tuple[str, IcdCode], bool] = field(repr=False)  # whether it was coded so
    codes: tuple[IcdCode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pairs:
    """Every gram of every note beside every code of that note, and the distinct (gram, code) links."""

    instances: Numbers  # (pairs,) the (note, code) that it is of
    links: Numbers  # (pairs,) its place among the links
    link_grams: Numbers
    link_codes: Numbers


def read_lessons(
    notes: Sequence[LabelledNote], sources: CandidateSources, progress: Progress
) -> list[Lesson]:
    """Read labelled notes for what they teach, in order."""
    lessons: list[Lesson] = []
    unlearnt = replace(sources, learnt=None)
    for batch in batches(notes):
        proposals = propose_batch([labelled.note for labelled in batch], unlearnt, Profile.MENTIONS)
        for labelled, proposal in zip(batch, proposals, strict=True):
            lessons.append(
                Lesson(
                    grams=tuple(grams_of(proposal.reading)),
                    clauses=tuple(_words(c.text) for c in proposal.similarity.clauses),
                    vectors=proposal.vectors,
                    namings=dict(_namings(proposal.candidates, labelled.codes, sources.code_set)),
                    codes=tuple(dict.fromkeys(_billable(labelled.codes, sources.code_set))),
                )
            )
        progress("reading labelled notes", len(lessons), len(notes))
    return lessons


def _namings(
    candidates: Sequence[Candidate], gold: Sequence[IcdCode], code_set: CodeSet
) -> Iterator[tuple[tuple[str, IcdCode], bool]]:
    """Each phrase that the note holds, with each of its codes."""
    coded = are_gold([candidate.code for candidate in candidates], gold, code_set)
    for candidate, is_coded in zip(candidates, coded, strict=True):
        for naming in candidate.namings:
            if naming.mention.assertion in HELD_AS_OWN:
                yield (phrase_of(naming.mention), candidate.code), is_coded


def _words(text: str) -> str:
    """A clause as its words, so that a gram of it is part of this string."""
    return f" {' '.join(spelt_out(w.normal) for w in split_words(text, 0, len(text)))} "


def _billable(codes: Iterable[IcdCode], code_set: CodeSet) -> Iterator[IcdCode]:
    """The codes, headers of today's code set as the leaf that says no more; others are left out."""
    for code in codes:
        if code_set.is_billable(code):
            yield code
        elif code in code_set and (leaf := choose_leaf(code_set, code, NOTHING_SAID)):
            yield leaf.code


def learn(lessons: Sequence[Lesson], sources: CandidateSources) -> Learnt:
    """Fit everything on these notes and on no other. The same notes in this order give the same."""
    codes = sorted({code for lesson in lessons for code in lesson.codes})
    counted = Counter(gram for lesson in lessons for gram in lesson.grams)
    grams = sorted(gram for gram, notes in counted.items() if notes >= LEAST_NOTES)
    numbered = {gram: number for number, gram in enumerate(grams)}
    gram_notes = np.array([counted[gram] for gram in grams], np.int32)
    places = {code: place for place, code in enumerate(codes)}
    pairs = _pairs(lessons, numbered, places)
    named = _named(pairs, grams, codes, sources.terms)
    strengths, reasons = _fit(pairs, gram_notes, len(lessons), named)
    written_for = _aligned(lessons, pairs, reasons, grams, places, sources)
    return Learnt(
        codes=tuple(codes),
        code_notes=_counts(lessons, places),
        grams=numbered,
        gram_notes=gram_notes,
        phrases=_tried(map(_any_code, lessons)),
        namings=_tried(lesson.namings for lesson in lessons),
        clause_vectors=_vectors_of(written_for),
        clause_starts=starts_of(list(map(len, written_for.values()))),
        clause_codes=np.array(
            [code for of_one in written_for.values() for code in of_one], np.int64
        ),
        **_links(pairs, strengths, gram_notes, len(grams)),
    )


def _any_code(lesson: Lesson) -> dict[str, bool]:
    coded: dict[str, bool] = {}
    for (phrase, _), is_coded in lesson.namings.items():
        coded[phrase] = coded.get(phrase, False) or is_coded
    return coded


def _tried(of_notes: Iterable[Mapping[N, bool]]) -> dict[N, Tried]:
    notes: Counter[N] = Counter()
    coded: Counter[N] = Counter()
    for of_note in of_notes:
        notes.update(of_note.keys())
        coded.update(name for name, is_coded in of_note.items() if is_coded)
    return {name: Tried(notes[name], coded[name]) for name in sorted(notes)}


def _counts(lessons: Sequence[Lesson], places: Mapping[IcdCode, int]) -> NDArray[np.int32]:
    held = [places[code] for lesson in lessons for code in lesson.codes]
    return np.bincount(held, minlength=len(places)).astype(np.int32)


def _pairs(
    lessons: Sequence[Lesson], grams: Mapping[str, int], codes: Mapping[IcdCode, int]
) -> _Pairs:
    of_gram, of_code, instances, instance = [], [], [], 0
    for lesson in lessons:
        held = np.array(sorted(grams[g] for g in lesson.grams if g in grams), np.int64)
        for code in lesson.codes:
            of_gram.append(held)
            of_code.append(np.full(len(held), codes[code]))
            instances.append(np.full(len(held), instance))
            instance += 1
    numbers = np.concatenate(of_gram) * len(codes) + np.concatenate(of_code)
    distinct, links = np.unique(numbers, return_inverse=True)
    return _Pairs(
        instances=np.concatenate(instances),
        links=links,
        link_grams=distinct // len(codes),
        link_codes=distinct % len(codes),
    )


def _named(
    pairs: _Pairs, grams: Sequence[str], codes: Sequence[IcdCode], terms: TermTable
) -> Floats:
    """How much likelier each link is at the start: the fewer codes a gram names, the more."""
    weights = np.ones(len(pairs.link_grams), np.float32)
    of_gram = {number: _codes_named(gram, terms) for number, gram in enumerate(grams)}
    for link, (gram, code) in enumerate(zip(pairs.link_grams, pairs.link_codes, strict=True)):
        named = of_gram[int(gram)]
        if named and codes[int(code)].startswith(named):
            weights[link] = NAMED / len(named) ** 0.5
    return weights


def _codes_named(gram: str, terms: TermTable) -> tuple[str, ...]:
    words = content_words(gram)
    whole = (
        hit for hit in terms.find(words, [0] * len(words)) if hit.last - hit.first == len(words)
    )
    return tuple({term.code for hit in whole for term in terms.terms_of(hit.phrase)})


def _fit(
    pairs: _Pairs, gram_notes: NDArray[np.int32], notes: int, named: Floats
) -> tuple[Floats, Floats]:
    """Strength of each link, and of each pair how far its gram is why the note has the code."""
    together = np.bincount(pairs.links, minlength=len(pairs.link_grams))
    instances = int(pairs.instances[-1]) + 1
    code_of = np.zeros(instances, np.int64)
    code_of[pairs.instances] = pairs.link_codes[pairs.links]
    priors = np.bincount(code_of)[pairs.link_codes] / notes
    seen = gram_notes[pairs.link_grams]
    strengths = np.maximum(together / (seen + FEW_NOTES) - priors, 1e-4) * named
    reasons = np.zeros(len(pairs.links))
    for _ in range(ITERATIONS):
        weights = strengths[pairs.links]
        total = np.bincount(pairs.instances, weights=weights, minlength=instances) + NO_GRAM
        reasons = weights / total[pairs.instances]
        because = np.bincount(pairs.links, weights=reasons, minlength=len(strengths))
        strengths = because / (seen + UNSEEN_NOTES)
    return strengths.astype(np.float32), reasons.astype(np.float32)


def _links(
    pairs: _Pairs, strengths: Floats, gram_notes: NDArray[np.int32], grams: int
) -> dict[str, NDArray[Any]]:
    together = np.bincount(pairs.links, minlength=len(strengths))
    kept = np.flatnonzero(strengths >= LEAST_STRENGTH)  # by gram, since links are
    counts = np.bincount(pairs.link_grams[kept], minlength=grams)
    shares = together[kept] / (gram_notes[pairs.link_grams[kept]] + 1)
    return {
        "starts": starts_of(counts),
        "link_codes": pairs.link_codes[kept],
        "link_strengths": strengths[kept],
        "link_shares": shares.astype(np.float32),
    }


def _aligned(  # noqa: PLR0913 - one parameter for each thing that a clause is compared with
    lessons: Sequence[Lesson],
    pairs: _Pairs,
    reasons: Floats,
    grams: Sequence[str],
    places: Mapping[IcdCode, int],
    sources: CandidateSources,
) -> dict[bytes, dict[int, None]]:
    """Clauses, as their vectors' bytes, with the codes that they were written for.

    For each code of each note that is the clause, or the two, that speak most for it.
    """
    written_for: dict[bytes, dict[int, None]] = {}
    begins = np.searchsorted(pairs.instances, np.arange(int(pairs.instances[-1]) + 2))
    instance = 0
    for lesson in lessons:
        for code in lesson.codes:
            held = slice(begins[instance], begins[instance + 1])
            instance += 1
            if lesson.clauses:
                telling = _telling(pairs.link_grams[pairs.links[held]], reasons[held], grams)
                for clause in _clauses_for(lesson, telling, _title(code, sources)):
                    vector = lesson.vectors[clause].astype(np.float32).tobytes()
                    written_for.setdefault(vector, {})[places[code]] = None
    return written_for


def _vectors_of(clauses: Iterable[bytes]) -> Vectors:
    return np.array([np.frombuffer(clause, np.float32) for clause in clauses], np.float32)


def _telling(of_pairs: Numbers, reasons: Floats, grams: Sequence[str]) -> dict[str, float]:
    likest = np.argsort(-reasons, kind="stable")[:TELLING_GRAMS]
    return {grams[int(of_pairs[at])]: float(reasons[at]) for at in likest}


def _title(code: IcdCode, sources: CandidateSources) -> NDArray[np.float32]:
    row: NDArray[np.float32] = sources.titles.vectors[
        sources.titles.row(code, sources.code_set.title(code))
    ]
    return row


def _clauses_for(
    lesson: Lesson, telling: Mapping[str, float], title: NDArray[np.float32]
) -> list[int]:
    held = [sum(r for g, r in telling.items() if f" {g} " in words) for words in lesson.clauses]
    lengths = [len(words.split()) for words in lesson.clauses]
    scores = np.array(held) + lesson.vectors @ title - A_WORD * np.array(lengths)
    first, *others = np.argsort(-scores, kind="stable")[:2].tolist()
    return [first, *(other for other in others if scores[first] - scores[other] <= CLEARLY)]
