"""Billable codes that a note may be about, each with the words that propose it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from clinical_coding.claim import Assertion
from clinical_coding.code_set import CodeSet
from clinical_coding.leaves import Context, Leaf, choose_leaf
from clinical_coding.mentions import Mention
from clinical_coding.note import IcdCode, Note, Sex
from clinical_coding.similar import ClauseText, Similarity
from clinical_coding.term_table import TermKind
from clinical_coding.titles import TitleVectors

MAX_NAMED = 300  # codes of one note that phrases propose; the rarer phrases stay
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
class Candidate:
    """A billable code with all that proposes it, mentions in order of the text."""

    code: IcdCode
    namings: tuple[Naming, ...]
    likeness: Likeness | None


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


def propose(
    note: Note,
    mentions: Sequence[Mention],
    similarity: Similarity,
    code_set: CodeSet,
    titles: TitleVectors,
) -> tuple[Candidate, ...]:
    """The candidates of a note by code: what its phrases name, then what its clauses resemble."""
    sex = _SEX_WORDS.get(note.sex, frozenset())
    namings = _namings(mentions, sex, code_set)
    likenesses = _likenesses(similarity, sex, code_set, titles)
    named = sorted(namings, key=lambda code: (-max(n.mention.weight for n in namings[code]), code))
    return tuple(
        Candidate(code=code, namings=tuple(namings.get(code, ())), likeness=likenesses.get(code))
        for code in sorted({*named[:MAX_NAMED], *likenesses})
    )


def _namings(
    mentions: Sequence[Mention], sex: frozenset[str], code_set: CodeSet
) -> dict[IcdCode, list[Naming]]:
    namings: defaultdict[IcdCode, list[Naming]] = defaultdict(list)
    for mention in mentions:
        context = Context(words=mention.context.words | sex)
        leaves: dict[IcdCode, tuple[Leaf, TermKind]] = {}
        for term in mention.terms:
            leaf = choose_leaf(code_set, term.code, context)
            if leaf is not None:
                leaves.setdefault(leaf.code, (leaf, term.kind))
        for leaf, kind in leaves.values():
            naming = Naming(mention=mention, kind=kind, leaf=leaf, readings=len(leaves))
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
