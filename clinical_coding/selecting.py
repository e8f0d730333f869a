"""From scored candidates to the codes of a claim: refused, chosen, put in order, explained."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clinical_coding.candidates import Candidate
from clinical_coding.claim import Assertion, Band, Diagnosis, DroppedCode, Evidence, Profile
from clinical_coding.code_set import CodeSet
from clinical_coding.features import best_naming
from clinical_coding.note import Note
from clinical_coding.sequencing import claim_order

FLOOR = 0.05  # candidates below are not worth an auditor's question
MAX_DROPPED = 20
MAX_EVIDENCE = 10
MAX_DIAGNOSES = {
    False: 12,
    True: 25,
}  # professional claim (CMS-1500); institutional (UB-04), inpatient

BELOW = "below the review threshold"
NOT_OWN = {
    Assertion.FAMILY: "a relative's condition",
    Assertion.HYPOTHETICAL: "only hypothetical in the note",
    Assertion.CONDITIONAL: "only conditional in the note",
    Assertion.ABSENT: "negated in the note",
}
_OWN = frozenset({Assertion.PRESENT, Assertion.HISTORICAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A candidate with its probability, and what the note's own words leave of it."""

    candidate: Candidate
    probability: float
    evidence: tuple[Evidence, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Bars of the bands: from ``submit`` up zero-touch, from ``review`` up to the worklist."""

    submit: float
    review: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The codes in claim order, and what was left out, likeliest first."""

    diagnoses: tuple[Diagnosis, ...]
    dropped: tuple[DroppedCode, ...]


@dataclass(frozen=True, slots=True)
class _Refused:
    scored: Scored
    reason: str
    rule: str | None


def select(
    note: Note,
    scored: Sequence[tuple[Candidate, float]],
    bars: Thresholds,
    profile: Profile,
    codes: CodeSet,
) -> Selection:
    """Choose, order and explain; the answer does not depend on the order of the candidates."""
    judged = [
        _judge(note, candidate, probability, profile)
        for candidate, probability in sorted(scored, key=lambda pair: (-pair[1], pair[0].code))
        if probability >= min(FLOOR, bars.review) or _is_named_and_not_own(candidate)
    ]
    chosen: list[Scored] = []
    refused: list[_Refused] = []
    for outcome in judged:
        verdict = outcome if isinstance(outcome, _Refused) else _second_look(outcome, chosen, bars)
        if isinstance(verdict, _Refused):
            refused.append(verdict)
        else:
            chosen.append(verdict)
    most = MAX_DIAGNOSES[note.is_inpatient] if profile is Profile.CLAIM else len(chosen)
    refused += [_Refused(s, "beyond the claim's number of diagnoses", None) for s in chosen[most:]]
    return Selection(
        diagnoses=tuple(_diagnoses(note, chosen[:most], bars, codes)),
        dropped=tuple(_dropped(refused)),
    )


def _judge(
    note: Note, candidate: Candidate, probability: float, profile: Profile
) -> Scored | _Refused:
    """What the note's assertions leave of a candidate."""
    held = {naming.mention.assertion for naming in candidate.namings}
    scored = Scored(
        candidate=candidate, probability=probability, evidence=_evidence(candidate), rules=()
    )
    if held & _OWN or not held:
        return scored
    if Assertion.POSSIBLE in held:
        return _uncertain(note, scored, profile)
    reason = next(reason for assertion, reason in NOT_OWN.items() if assertion in held)
    return _Refused(scored, reason, "assertion")


def _is_named_and_not_own(candidate: Candidate) -> bool:
    """Whether the note plainly names it and plainly says that the patient does not have it."""
    return any(naming.readings == 1 for naming in candidate.namings) and all(
        naming.mention.assertion in NOT_OWN for naming in candidate.namings
    )


def _uncertain(note: Note, scored: Scored, profile: Profile) -> Scored | _Refused:
    """Uncertain diagnoses are coded for inpatients (II.H), not for outpatients (IV.H)."""
    if profile is Profile.CLAIM and not note.is_inpatient:
        return _Refused(scored, "uncertain diagnosis of an outpatient", "IV.H")
    return Scored(
        candidate=scored.candidate,
        probability=scored.probability,
        evidence=scored.evidence,
        rules=("II.H",) if profile is Profile.CLAIM else (),
    )


def _second_look(scored: Scored, chosen: Sequence[Scored], bars: Thresholds) -> Scored | _Refused:
    """Held against the threshold and the likelier codes that are on the claim already."""
    if scored.probability < bars.review:
        return _Refused(scored, BELOW, None)
    if not scored.evidence:
        return _Refused(scored, "no words of the note support it", None)
    for other in chosen:
        if _same_category(scored, other) and _says_nothing_more(scored, other):
            return _Refused(scored, "a likelier code of its category is on the claim", "I.B.2")
    return scored


def _same_category(one: Scored, other: Scored) -> bool:
    return one.candidate.code[:3] == other.candidate.code[:3]


def _says_nothing_more(one: Scored, other: Scored) -> bool:
    """Whether all words for the one also speak for the other, or it leaves the detail open."""
    best = best_naming(one.candidate)
    if best is not None and best.leaf.unspecified:
        return True
    return all(
        any(mine.start < theirs.end and theirs.start < mine.end for theirs in other.evidence)
        for mine in one.evidence
    )


def _evidence(candidate: Candidate) -> tuple[Evidence, ...]:
    """The spans that support it; where a phrase names it, what is merely alike is left out."""
    spans = [
        Evidence(
            start=naming.mention.start,
            end=naming.mention.end,
            section=naming.mention.section,
            assertion=naming.mention.assertion,
            match=naming.kind.value,
        )
        for naming in candidate.namings
        if naming.mention.assertion not in NOT_OWN
    ]
    if not spans and candidate.likeness is not None and not candidate.namings:
        clause = candidate.likeness.clause
        spans = [
            Evidence(
                start=clause.start,
                end=clause.end,
                section=clause.section,
                assertion=clause.assertion,
                match="semantic",
            )
        ]
    return tuple(spans[:MAX_EVIDENCE])


def _diagnoses(
    note: Note, chosen: Sequence[Scored], bars: Thresholds, codes: CodeSet
) -> Iterator[Diagnosis]:
    places = {scored.candidate.code: scored for scored in chosen}
    for rank, code in enumerate(claim_order([(s.candidate.code, s.evidence) for s in chosen]), 1):
        scored = places[code]
        yield Diagnosis(
            code=code,
            description=codes.title(code),
            rank=rank,
            probability=round(scored.probability, 6),
            band=Band.SUBMIT if scored.probability >= bars.submit else Band.REVIEW,
            first_listed=rank == 1,
            hcc=None,
            evidence=scored.evidence,
            rules=(*scored.rules, *_leaf_rules(scored), *_first_rules(note, rank)),
        )


def _leaf_rules(scored: Scored) -> tuple[str, ...]:
    best = best_naming(scored.candidate)
    if best is None:
        return ()
    return ("I.B.18 unspecified",) if best.leaf.unspecified else ("I.B.2 highest detail",)


def _first_rules(note: Note, rank: int) -> tuple[str, ...]:
    if rank > 1:
        return ()
    return ("II principal",) if note.is_inpatient else ("IV.G first-listed",)


def _dropped(refused: Sequence[_Refused]) -> Iterator[DroppedCode]:
    likeliest = sorted(refused, key=lambda r: (-r.scored.probability, r.scored.candidate.code))
    for one in likeliest[:MAX_DROPPED]:
        yield DroppedCode(
            code=one.scored.candidate.code,
            probability=round(one.scored.probability, 6),
            reason=one.reason,
            rule=one.rule,
        )
