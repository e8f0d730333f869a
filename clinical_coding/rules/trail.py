"""What each rule did to one code: the drafts of a note compared, step by step."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar

from clinical_coding.claim import Evidence
from clinical_coding.note import IcdCode
from clinical_coding.rules.admission import BELOW_REVIEW
from clinical_coding.rules.draft import Draft, Guideline, Refused, Standing

_Code = TypeVar("_Code", Standing, Refused)


class Effect(StrEnum):
    """What a step did to a code."""

    STANDS = "stands"  # documented, and likely enough
    UNLIKELY = "unlikely"  # documented, yet below the bar of review
    REFUSED = "refused"  # none of its words count as evidence
    KEPT = "kept"
    ADDED = "added"
    DROPPED = "dropped"
    REPLACED = "replaced"  # another code stands on its words
    ORDERED = "ordered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The draft after a rule, or after admission, which comes before all rules."""

    rule: str
    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEffect:
    """What a rule did to a code, and the guideline's section and phrase.

    ``others`` are the codes that stand in its place, or of an added one those it was made from.
    """

    rule: str
    effect: Effect
    says: str
    others: tuple[IcdCode, ...] = ()


def trail(code: str, steps: Sequence[Step]) -> tuple[RuleEffect, ...]:
    """What each step that touched the code did to it, in order; none for a code no step met."""
    effects = [_admitted(code, steps[0])]
    for before, after in pairwise(steps):
        ordered = _ordered(code, before, after) if after is steps[-1] else None
        effects += [ordered or _effect(code, before.draft, after)]
    return tuple(effect for effect in effects if effect is not None)


def _admitted(code: str, step: Step) -> RuleEffect | None:
    standing, unlikely = _of(code, step.draft.standing), _of(code, step.draft.unlikely)
    refused = _of(code, step.draft.refused)
    if standing is not None:
        says = "; ".join(standing.rules)
        return RuleEffect(rule=step.rule, effect=Effect.STANDS, says=says)
    if unlikely is not None:
        return RuleEffect(rule=step.rule, effect=Effect.UNLIKELY, says=BELOW_REVIEW.says)
    if refused is not None:
        return RuleEffect(rule=step.rule, effect=Effect.REFUSED, says=refused.why.trace)
    return None


def _effect(code: str, before: Draft, after: Step) -> RuleEffect | None:
    was, now = _of(code, before.standing), _of(code, after.draft.standing)
    if was is not None and now is not None:
        return None if was == now else _kept(was, now, after.rule)
    if was is not None:
        return _dropped(was, before, after)
    if now is not None:
        return _added(now, before, after)
    waiting = _of(code, before.unlikely) or _of(code, before.refused)
    others = _new_on_its_words(waiting, before, after.draft) if waiting is not None else ()
    if not others:
        return None
    says = "its words support another code"
    return RuleEffect(rule=after.rule, effect=Effect.REPLACED, says=says, others=others)


def _kept(was: Standing, now: Standing, rule: str) -> RuleEffect:
    says = "; ".join(line for line in now.rules if line not in was.rules)
    return RuleEffect(rule=rule, effect=Effect.KEPT, says=says)


def _dropped(was: Standing, before: Draft, after: Step) -> RuleEffect:
    fallen = after.draft.dropped[len(before.dropped) :]
    why = next(one for one in fallen if one.code == was.code)
    new = _new_on_its_words(was, before, after.draft)
    return RuleEffect(
        rule=after.rule,
        effect=Effect.REPLACED if new else Effect.DROPPED,
        says=Guideline(section=why.rule, says=why.reason).trace,
        others=new or tuple(_rivals(was, after.draft)),
    )


def _added(now: Standing, before: Draft, after: Step) -> RuleEffect:
    every: tuple[Standing | Refused, ...] = (*before.standing, *before.unlikely, *before.refused)
    from_these = (one for one in every if one.code != now.code)
    return RuleEffect(
        rule=after.rule,
        effect=Effect.ADDED,
        says="; ".join(now.rules),
        others=tuple(o.code for o in from_these if _share_words(o.evidence, now.evidence)),
    )


def _ordered(code: str, before: Step, after: Step) -> RuleEffect | None:
    """Where the last step put a code; None where it had no say."""
    was, now = _of(code, before.draft.standing), _of(code, after.draft.standing)
    if was is None or now is None or before.draft.standing == after.draft.standing:
        return None
    place, count = after.draft.standing.index(now) + 1, len(after.draft.standing)
    likelier = before.draft.standing.index(was) + 1
    by_likelihood = f", {likelier} by probability" if likelier != place else ""
    lines = (line for line in now.rules if line not in was.rules)
    says = "; ".join((f"place {place} of {count}{by_likelihood}", *lines))
    return RuleEffect(rule=after.rule, effect=Effect.ORDERED, says=says)


def _new_on_its_words(one: Standing | Refused, before: Draft, after: Draft) -> tuple[IcdCode, ...]:
    new = (other for other in after.standing if _of(other.code, before.standing) is None)
    return tuple(other.code for other in new if _share_words(one.evidence, other.evidence))


def _rivals(one: Standing, after: Draft) -> Iterator[IcdCode]:
    """The codes that stand and have its words, its category, or exclude it."""
    for other in after.standing:
        if (
            other.code[:3] == one.code[:3]
            or _share_words(one.evidence, other.evidence)
            or after.conventions.excludes1(one.code, other.code)
        ):
            yield other.code


def _of(code: str, among: Iterable[_Code]) -> _Code | None:
    return next((one for one in among if one.code == code), None)


def _share_words(spans: Iterable[Evidence], others: Sequence[Evidence]) -> bool:
    return any(
        span.start < other.end and other.start < span.end for span in spans for other in others
    )
