"""Which of the ranked candidates are coded, and why each of the others is not.

Each step takes the candidates that still stand and says which fall; its docstring names the
guideline section that it implements. Roman numerals are sections of the ICD-10-CM guidelines.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from clinical_coding.candidates import Candidate, best_naming
from clinical_coding.claim import DroppedCode, Evidence, Profile
from clinical_coding.evidence import Refusal, evidence_of
from clinical_coding.integral_symptoms import covering
from clinical_coding.note import IcdCode, Note

FLOOR = 0.05  # a candidate less likely than this is left out without a word
MAX_DROPPED = 40

BELOW_REVIEW = Refusal(reason="below the review threshold", rule=None)
SAME_WORDS = Refusal(reason="the same words support a likelier code", rule="I.B.2")
SAME_CATEGORY = Refusal(reason="another code of the category is likelier", rule="I.B.12")
MORE_DETAIL = Refusal(reason="a more detailed code of the category is documented", rule="I.B.2")
INTEGRAL = Refusal(reason="symptom that is part of a coded diagnosis", rule="I.B.5")

UNSPECIFIED = "I.B.18 the note gives no more detail"
DETAILED = "I.B.2 detail taken from the words around"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A candidate that may be coded: likely enough, with evidence that counts."""

    code: IcdCode
    probability: float
    evidence: tuple[Evidence, ...]
    named: bool  # by a phrase, not only alike
    unspecified: bool
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The codes that stand, likeliest first, and those dropped, likeliest first."""

    standing: tuple[Standing, ...]
    dropped: tuple[DroppedCode, ...]


Fall = tuple[Standing, Refusal]
Step = Callable[[Sequence[Standing]], Iterator[Fall]]


def select(
    candidates: Iterable[tuple[Candidate, float]], note: Note, profile: Profile, review: float
) -> Selection:
    """Apply the rules of a profile to a note's candidates and their probabilities."""
    standing, dropped = _admit(candidates, note, profile, review)
    for step in _steps(profile):
        falls = list(step(standing))
        dropped += [_dropped(fallen.code, fallen.probability, why) for fallen, why in falls]
        fallen_codes = {fallen.code for fallen, _ in falls}
        standing = [one for one in standing if one.code not in fallen_codes]
    dropped.sort(key=lambda drop: (-drop.probability, drop.code))
    return Selection(standing=tuple(standing), dropped=tuple(dropped[:MAX_DROPPED]))


def _admit(
    candidates: Iterable[tuple[Candidate, float]], note: Note, profile: Profile, review: float
) -> tuple[list[Standing], list[DroppedCode]]:
    """Candidates with evidence that counts and a probability for review or better.

    One whose words are denied, another's or past is dropped with that reason however unlikely it
    is, where a phrase named it: that is what an auditor asks about.
    """
    standing: list[Standing] = []
    dropped: list[DroppedCode] = []
    for candidate, probability in candidates:
        evidence, refusal = evidence_of(candidate, note, profile)
        if refusal is not None and (candidate.namings or probability >= FLOOR):
            dropped.append(_dropped(candidate.code, probability, refusal))
        elif evidence and probability >= review:
            standing.append(_standing(candidate, probability, evidence))
        elif evidence and probability >= FLOOR:
            dropped.append(_dropped(candidate.code, probability, BELOW_REVIEW))
    standing.sort(key=lambda one: (-one.probability, one.code))
    return standing, dropped


def _steps(profile: Profile) -> tuple[Step, ...]:
    match profile:
        case Profile.CLAIM:
            return (_same_words, _same_category, _integral_symptoms)
        case Profile.MENTIONS:
            return (_same_words,)


def _same_words(standing: Sequence[Standing]) -> Iterator[Fall]:
    """Words are coded once: of several readings the likeliest stays, one by a phrase before others."""
    taken: list[Evidence] = []
    for one in sorted(standing, key=lambda one: (not one.named, -one.probability, one.code)):
        if all(any(_overlap(span, other) for other in taken) for span in one.evidence):
            yield one, SAME_WORDS
        else:
            taken += one.evidence


def _same_category(standing: Sequence[Standing]) -> Iterator[Fall]:
    """A condition is reported once, in its most detailed code (I.B.2, I.B.12).

    Two codes of one category stay only where phrases of different words name both, and neither is
    the unspecified one: two knees, two kinds of headache.
    """
    kept: dict[str, list[Standing]] = {}
    for one in sorted(standing, key=lambda one: (one.unspecified, -one.probability, one.code)):
        others = kept.setdefault(one.code[:3], [])
        if not others:
            others.append(one)
        elif one.unspecified:
            yield one, MORE_DETAIL
        elif not one.named or not all(other.named for other in others):
            yield one, SAME_CATEGORY
        else:
            others.append(one)


def _integral_symptoms(standing: Sequence[Standing]) -> Iterator[Fall]:
    """Signs and symptoms that are part of a coded diagnosis are not coded beside it (I.B.5)."""
    diagnoses = frozenset(one.code for one in standing)
    for one in standing:
        if covering(one.code, diagnoses - {one.code}) is not None:
            yield one, INTEGRAL


def _standing(candidate: Candidate, probability: float, evidence: tuple[Evidence, ...]) -> Standing:
    best = best_naming(candidate)
    likeness = candidate.likeness
    leaf = best.leaf if best else likeness.leaf if likeness else None
    unspecified = leaf is not None and leaf.unspecified
    detailed = leaf is not None and leaf.supported > 0
    return Standing(
        code=candidate.code,
        probability=probability,
        evidence=evidence,
        named=best is not None,
        unspecified=unspecified,
        rules=(UNSPECIFIED,) * unspecified + (DETAILED,) * detailed,
    )


def _overlap(one: Evidence, other: Evidence) -> bool:
    return one.start < other.end and other.start < one.end


def _dropped(code: IcdCode, probability: float, why: Refusal) -> DroppedCode:
    return DroppedCode(code=code, probability=probability, reason=why.reason, rule=why.rule)
