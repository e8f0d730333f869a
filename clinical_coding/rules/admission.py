"""From ranked candidates to a draft: which words of the note count as evidence, and for what.

What is denied, hypothetical or another's is no evidence in either profile. A claim also leaves out
what is uncertain (uncertain.py) and what is past (past_conditions.py).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from clinical_coding.candidates import Candidate, Passage, best_naming
from clinical_coding.claim import Assertion, Evidence, Profile
from clinical_coding.leaves import Leaf
from clinical_coding.mentions import Mention
from clinical_coding.note import Note
from clinical_coding.rules.conventions import Conventions
from clinical_coding.rules.draft import Draft, Guideline, Refused, Standing, likeliest_first
from clinical_coding.rules.family_history import CODES_OF_FAMILY_HISTORY
from clinical_coding.rules.past_conditions import CHRONIC, is_past, past_condition
from clinical_coding.rules.uncertain import INPATIENT, uncertain_diagnosis
from clinical_coding.similar import ClauseText

# Evidence.match where no phrase led to the code: the encoder did, or what labelled notes taught.
MATCH_SEMANTIC, MATCH_LEARNT = "semantic", "learnt"
FLOOR = 0.05  # a candidate less likely than this, which no phrase names, is left out without a word
_MAX_SPANS = 8

BELOW_REVIEW = Guideline(section=None, says="below the review threshold")
NEGATED = Guideline(section=None, says="negated in the note")
HYPOTHETICAL = Guideline(section=None, says="hypothetical in the note")
CONDITIONAL = Guideline(section=None, says="conditional in the note")
OF_FAMILY = Guideline(section="I.C.21.c.4", says="family history")
UNSPECIFIED = Guideline(section="I.B.18", says="the note gives no more detail")
DETAILED = Guideline(section="I.B.2", says="detail taken from the words around")

_NEVER = {
    Assertion.ABSENT: NEGATED,
    Assertion.HYPOTHETICAL: HYPOTHETICAL,
    Assertion.CONDITIONAL: CONDITIONAL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: a note's codes in a profile, under a release, from ``review`` up."""

    note: Note
    profile: Profile
    conventions: Conventions
    review: float


def admit(ranked: Iterable[tuple[Candidate, float]], question: Question) -> Draft:
    """The draft before any rule: what stands, what is too unlikely, what no word supports.

    A candidate that a phrase names is kept however unlikely: an auditor asks about it, and a rule
    may need it.
    """
    standing: list[Standing] = []
    unlikely: list[Standing] = []
    refused: list[Refused] = []
    for candidate, probability in ranked:
        if not candidate.namings and probability < FLOOR:
            continue
        found = _judged(candidate, probability, question)
        if isinstance(found, Refused):
            refused.append(found)
        else:
            (standing if probability >= question.review else unlikely).append(found)
    return Draft(
        note=question.note,
        conventions=question.conventions,
        review=question.review,
        standing=likeliest_first(standing),
        unlikely=likeliest_first(unlikely),
        refused=tuple(sorted(refused, key=lambda one: (-one.probability, one.code))),
    )


def refusal(code: str, span: Evidence, note: Note, profile: Profile) -> Guideline | None:
    """Why a span is no evidence for a code; None when it is."""
    never = _NEVER.get(span.assertion)
    if never is not None:
        return never
    if span.assertion is Assertion.FAMILY:
        return None if code.startswith(CODES_OF_FAMILY_HISTORY) else OF_FAMILY
    if profile is Profile.MENTIONS:
        return None
    return uncertain_diagnosis(code, span, note) or past_condition(code, span, note)


def _judged(candidate: Candidate, probability: float, question: Question) -> Standing | Refused:
    spans = tuple(_spans(candidate))
    reasons = [refusal(candidate.code, span, question.note, question.profile) for span in spans]
    counting = tuple(span for span, reason in zip(spans, reasons, strict=True) if reason is None)[
        :_MAX_SPANS
    ]
    why = next((reason for reason in reasons if reason is not None), None)
    if why is not None and not counting:
        return Refused(
            code=candidate.code,
            probability=probability,
            evidence=spans[:_MAX_SPANS],
            named=bool(candidate.namings),
            why=why,
        )
    return _standing(candidate, probability, counting, question.profile)


def _standing(
    candidate: Candidate, probability: float, evidence: tuple[Evidence, ...], profile: Profile
) -> Standing:
    leaf = _leaf(candidate)
    unspecified = leaf is not None and leaf.unspecified
    kept = tuple(_kept(leaf, evidence)) if profile is Profile.CLAIM else tuple(_detail(leaf))
    return Standing(
        code=candidate.code,
        probability=probability,
        evidence=evidence,
        named=bool(candidate.namings),
        unspecified=unspecified,
        rules=tuple(why.trace for why in kept),
    )


def _leaf(candidate: Candidate) -> Leaf | None:
    best = best_naming(candidate)
    if best is not None:
        return best.leaf
    return candidate.likeness.leaf if candidate.likeness else None


def _detail(leaf: Leaf | None) -> Iterator[Guideline]:
    if leaf is not None and leaf.unspecified:
        yield UNSPECIFIED
    if leaf is not None and leaf.supported:
        yield DETAILED


def _kept(leaf: Leaf | None, evidence: Iterable[Evidence]) -> Iterator[Guideline]:
    """Which guideline lets a code stand though its words are not simply present."""
    yield from _detail(leaf)
    spans = tuple(evidence)
    if all(span.assertion is Assertion.POSSIBLE for span in spans):
        yield INPATIENT
    elif all(is_past(span) for span in spans):
        yield CHRONIC


def _spans(candidate: Candidate) -> Iterator[Evidence]:
    """The candidate's mentions and what labelled notes taught; a clause only where there is neither."""
    named = candidate.namings or candidate.scattered
    for naming in named:
        yield _span(naming.mention, naming.kind.value)
    if candidate.learnt:
        yield _span(candidate.learnt, MATCH_LEARNT)
    if candidate.likeness and not (named or candidate.learnt):
        yield _span(candidate.likeness.clause, MATCH_SEMANTIC)


def _span(words: Mention | Passage | ClauseText, match: str) -> Evidence:
    return Evidence(
        start=words.start,
        end=words.end,
        section=words.section,
        assertion=words.assertion,
        match=match,
    )
