"""Billable codes that a note may be about, each with the words that propose it."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from clinical_coding.claim import Assertion
from clinical_coding.code_set import CodeSet
from clinical_coding.leaves import Context, Leaf, choose_leaf, choose_leaves, on_the_told_side
from clinical_coding.lessons import Lessons
from clinical_coding.mentions import Mention
from clinical_coding.note import IcdCode, Note, Sex
from clinical_coding.similar import ClauseText, Similarity
from clinical_coding.term_table import TermKind
from clinical_coding.titles import TitleVectors

MAX_NAMED = 300  # codes of one note that phrases propose; the rarer phrases stay
MAX_BY_GRAMS, LEAST_STRENGTH = 80, 0.02  # codes of one note that learnt grams propose
MAX_BY_CLAUSES = 40  # codes of one note that learnt clauses propose
_SEX_WORDS = {Sex.FEMALE: frozenset({"female"}), Sex.MALE: frozenset({"male"})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """A mention that led to the candidate, by a phrase of this kind that names ``readings`` codes."""

    mention: Mention
    kind: TermKind
    leaf: Leaf
    readings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """The clause that reads most like the candidate's title; ``rank`` from 0 among the titles."""

    clause: ClauseText
    cosine: float
    rank: int
    leaf: Leaf


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Words of the note, [start, end), that read as words did which were coded so."""

    start: int
    end: int
    section: str
    assertion: Assertion


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A billable code with all that proposes it, mentions in order of the text."""

    code: IcdCode
    namings: tuple[Naming, ...]
    likeness: Likeness | None
    scattered: tuple[Naming, ...] = ()  # by phrases whose words stand apart
    learnt: Passage | None = None


def best_naming(candidate: Candidate) -> Naming | None:
    """The mention that speaks most for a candidate; a denied one only where all are."""
    return max(candidate.namings, key=_strength, default=None)


def _strength(naming: Naming) -> tuple[bool, bool, int, float, int, int]:
    mention = naming.mention
    return (
        mention.assertion is Assertion.PRESENT,
        mention.assertion in (Assertion.POSSIBLE, Assertion.HISTORICAL),
        mention.length,
        mention.share,
        -naming.readings,
        -mention.start,
    )


def propose(  # noqa: PLR0913 - one parameter for each source
    note: Note,
    mentions: Sequence[Mention],
    scattered: Sequence[Mention],
    similarity: Similarity,
    code_set: CodeSet,
    titles: TitleVectors,
    told: Mapping[str, frozenset[str]],
) -> tuple[Candidate, ...]:
    """The candidates of a note by code: what its phrases name, then what its clauses resemble.

    ``told`` has the sides that the note says before a word.
    """
    sex = _SEX_WORDS.get(note.sex, frozenset())
    namings = _namings(mentions, sex, code_set, told)
    apart = _namings(scattered, sex, code_set, told)
    likenesses = _likenesses(similarity, sex, code_set, titles)
    named = sorted(namings, key=lambda code: (-max(n.mention.weight for n in namings[code]), code))
    return tuple(
        Candidate(
            code=code,
            namings=tuple(namings.get(code, ())),
            likeness=likenesses.get(code),
            scattered=tuple(apart.get(code, ())),
        )
        for code in sorted({*named[:MAX_NAMED], *apart, *likenesses})
    )


def with_learnt(
    candidates: Sequence[Candidate],
    code_set: CodeSet,
    codes: Sequence[IcdCode],
    lessons: Lessons,
    passage: Callable[[int], Passage],
) -> tuple[Candidate, ...]:
    """The candidates and, by code, those that what was learnt adds or supports.

    ``passage`` gives the words that speak for a learnt code, by its place in ``codes``.
    """
    by_grams = (lessons.rank < MAX_BY_GRAMS) & (lessons.strength > LEAST_STRENGTH)
    by_clauses = (lessons.vote_rank < MAX_BY_CLAUSES) & (lessons.vote > 0)
    places = np.flatnonzero(by_grams | by_clauses).tolist()
    found = {codes[at]: passage(at) for at in places if code_set.is_billable(codes[at])}
    held = {candidate.code: candidate for candidate in candidates}
    return tuple(
        replace(held[code], learnt=found.get(code))
        if code in held
        else Candidate(code=code, namings=(), likeness=None, learnt=found[code])
        for code in sorted({*held, *found})
    )


def _namings(
    mentions: Sequence[Mention],
    sex: frozenset[str],
    code_set: CodeSet,
    told: Mapping[str, frozenset[str]],
) -> dict[IcdCode, list[Naming]]:
    namings: defaultdict[IcdCode, list[Naming]] = defaultdict(list)
    for mention in mentions:
        context = Context(words=mention.context.words | sex)
        readings: dict[tuple[Leaf, ...], TermKind] = {}
        for term in mention.terms:
            if leaves := choose_leaves(code_set, term.code, context):
                sided = (on_the_told_side(code_set, leaf, context, told) for leaf in leaves)
                readings.setdefault(tuple(sided), term.kind)
        kinds = {leaf: kind for leaves, kind in reversed(readings.items()) for leaf in leaves}
        for leaf, kind in kinds.items():
            naming = Naming(mention=mention, kind=kind, leaf=leaf, readings=len(readings))
            namings[leaf.code].append(naming)
    return namings


def _likenesses(
    similarity: Similarity, sex: frozenset[str], code_set: CodeSet, titles: TitleVectors
) -> dict[IcdCode, Likeness]:
    likenesses: dict[IcdCode, Likeness] = {}
    ranked = zip(similarity.top, similarity.top_clauses, strict=True)
    for rank, (row, clause) in enumerate(ranked):
        context = Context(words=clause.context.words | sex)
        leaf = choose_leaf(code_set, titles.codes[row], context)
        if leaf is not None and leaf.code not in likenesses:
            likenesses[leaf.code] = Likeness(
                clause=clause, cosine=float(similarity.best[row]), rank=rank, leaf=leaf
            )
    return likenesses
