"""Why a code is in or out of a note's coding: what proposed it, its score, what each rule did."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from math import exp, fsum, isnan

from clinical_coding.arrays import Features
from clinical_coding.candidates import Candidate, Passage
from clinical_coding.claim import Assertion, Band, Evidence, Profile
from clinical_coding.engine import EngineParts, Ranking, question_about
from clinical_coding.feature_words import FEATURE_WORDS
from clinical_coding.features import FEATURES, feature_matrix
from clinical_coding.mentions import Mention
from clinical_coding.not_proposed import NotProposed, not_proposed
from clinical_coding.note import IcdCode, Note
from clinical_coding.proposing import propose_batch
from clinical_coding.rules.admission import FLOOR, Question, refusal
from clinical_coding.rules.draft import Draft
from clinical_coding.rules.profiles import ADMISSION, steps
from clinical_coding.rules.trail import Effect, RuleEffect, trail
from clinical_coding.similar import ClauseText
from clinical_coding.term_table import TermKind

_CATEGORY = 3  # characters before the dot
_UNMENTIONED = RuleEffect(
    rule=ADMISSION,
    effect=Effect.UNLIKELY,
    says=f"no phrase names it, and it is less likely than {FLOOR}",
)


class Source(StrEnum):
    """How words of the note led to a candidate."""

    PHRASE = "phrase"
    APART = "words apart"
    LEARNT = "learnt passage"
    ALIKE = "likeness"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Words of the note, [start, end), that led to the code.

    ``match`` is the kind of the phrase's term, ``readings`` how many codes it may name, ``cosine``
    and ``rank`` from 0 are those of a likeness. ``against`` is the guideline under which the words
    are no evidence; None where they are.
    """

    source: Source
    start: int
    end: int
    words: str = field(repr=False)  # PHI
    section: str
    assertion: Assertion
    match: TermKind | None = None
    readings: int | None = None
    cosine: float | None = None
    rank: int | None = None
    against: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What a feature adds to the log odds; ``value`` is None where it is not known."""

    feature: str
    says: str
    value: float | None
    adds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The ranker's opinion, 0..1: ``raw`` before calibration, ``probability`` after it.

    ``contributions``, those that weigh most first, and ``base`` sum to the log odds of ``raw``.
    """

    base: float
    contributions: tuple[Contribution, ...]
    raw: float
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a code is in or out.

    ``rank`` counts from 1 and, with ``band``, is None for a code that is out; ``probability`` is what
    the rules made of the score. ``lost`` is None for a candidate, ``score`` for any other code.
    ``reported_below`` are the codes of the coding that say more than a header which is asked about.
    """

    code: IcdCode
    description: str
    profile: Profile
    code_set: str
    rank: int | None
    band: Band | None
    probability: float | None
    review: float
    submit: float
    leads: tuple[Lead, ...]
    score: Score | None
    lost: NotProposed | None
    rules: tuple[RuleEffect, ...]
    reported_below: tuple[IcdCode, ...]


def spelt(code: str) -> IcdCode:
    """A code with capitals and dot, however it was typed: "e1122" is E11.22."""
    plain = code.strip().upper().replace(".", "")
    return IcdCode(".".join(filter(None, (plain[:_CATEGORY], plain[_CATEGORY:]))))


def is_known(code: str, parts: EngineParts) -> bool:
    """Whether any loaded release has the code."""
    return any(code in release.code_set for release in parts.releases)


def explain(note: Note, code: IcdCode, parts: EngineParts, profile: Profile) -> Explanation:
    """Why a code is in or out of the note's coding; KeyError for one that no release has."""
    sources = parts.sources_on(note.date_of_service)
    (proposal,) = propose_batch([note], sources, profile)
    ranking = parts.ranking(profile)
    features = feature_matrix(proposal, sources)
    probabilities = ranking.ranker.score(features).tolist()
    question = question_about(note, sources, parts, profile)
    taken = tuple(steps(zip(proposal.candidates, probabilities, strict=True), question))
    at = next((at for at, one in enumerate(proposal.candidates) if one.code == code), None)
    known = next(r.code_set for r in (sources, *parts.releases) if code in r.code_set)
    rank, probability = _standing(code, taken[-1].draft)
    return Explanation(
        code=code,
        description=known.title(code),
        profile=profile,
        code_set=sources.code_set.version,
        rank=rank,
        band=_band(probability, ranking),
        probability=probability,
        review=ranking.thresholds.review,
        submit=ranking.thresholds.submit,
        leads=() if at is None else tuple(_leads(proposal.candidates[at], question)),
        score=None if at is None else _score(features[at : at + 1], ranking),
        lost=not_proposed(code, proposal, sources) if at is None else None,
        rules=trail(code, taken) or (() if at is None else (_UNMENTIONED,)),
        reported_below=tuple(
            one.code for one in taken[-1].draft.starting_with(code) if one.code != code
        ),
    )


def _standing(code: str, draft: Draft) -> tuple[int | None, float | None]:
    for rank, one in enumerate(draft.standing, start=1):
        if one.code == code:
            return rank, one.probability
    return None, None


def _band(probability: float | None, ranking: Ranking) -> Band | None:
    if probability is None:
        return None
    return Band.SUBMIT if probability >= ranking.thresholds.submit else Band.REVIEW


def _leads(candidate: Candidate, question: Question) -> Iterator[Lead]:
    found = partial(_lead, candidate.code, question)
    for source, namings in (
        (Source.PHRASE, candidate.namings),
        (Source.APART, candidate.scattered),
    ):
        for naming in namings:
            lead = found(source, naming.mention)
            yield replace(lead, match=naming.kind, readings=naming.readings)
    if candidate.learnt is not None:
        yield found(Source.LEARNT, candidate.learnt)
    if candidate.likeness is not None:
        lead = found(Source.ALIKE, candidate.likeness.clause)
        yield replace(lead, cosine=candidate.likeness.cosine, rank=candidate.likeness.rank)


def _lead(
    code: IcdCode, question: Question, source: Source, words: Mention | Passage | ClauseText
) -> Lead:
    span = Evidence(
        start=words.start,
        end=words.end,
        section=words.section,
        assertion=words.assertion,
        match=source.value,
    )
    against = refusal(code, span, question.note, question.profile)
    return Lead(
        source=source,
        start=words.start,
        end=words.end,
        words=question.note.text[words.start : words.end],
        section=words.section,
        assertion=words.assertion,
        against=None if against is None else against.trace,
    )


def _score(row: Features, ranking: Ranking) -> Score:
    """The opinion on one candidate, (1, len(FEATURES))."""
    *adds, base = ranking.ranker.contributions(row)[0].tolist()
    weighed = zip(FEATURES, row[0].tolist(), adds, strict=True)
    contributions = (
        Contribution(
            feature=name, says=FEATURE_WORDS[name], value=None if isnan(value) else value, adds=add
        )
        for name, value, add in weighed
    )
    return Score(
        base=base,
        contributions=tuple(sorted(contributions, key=lambda one: -abs(one.adds))),
        raw=1 / (1 + exp(-(base + fsum(adds)))),
        probability=float(ranking.ranker.score(row)[0]),
    )
