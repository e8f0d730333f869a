"""What rules read and write: the codes of one note as they stand, and what a rule changes.

A rule is a pure function from a draft to its changes. ``apply`` makes the next draft of them and
writes down which rule did what, so that no rule keeps a trace of its own.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from clinical_coding.claim import DroppedCode, Evidence
from clinical_coding.note import IcdCode, Note
from clinical_coding.rules.conventions import Conventions


@dataclass(frozen=True, slots=True, kw_only=True)
class Guideline:
    """Why a rule acts: a section of the ICD-10-CM guidelines, and what it says in a fixed phrase.

    ``section`` is None where the reason is the note itself: what is denied needs no guideline.
    """

    section: str | None
    says: str

    @property
    def trace(self) -> str:
        """The line in the trace of a code that the rule kept, added or moved."""
        return self.says if self.section is None else f"{self.section} {self.says}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A code that the note documents.

    ``named`` says that a phrase of the note names it, ``unspecified`` that its title leaves a
    detail open which the note does not tell; ``rules`` is its trace so far.
    """

    code: IcdCode
    probability: float
    evidence: tuple[Evidence, ...]
    named: bool
    unspecified: bool = False
    rules: tuple[str, ...] = ()

    def because(self, why: Guideline) -> "Standing":
        """The same with one more line in its trace."""
        return self if why.trace in self.rules else replace(self, rules=(*self.rules, why.trace))


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A candidate none of whose words count as evidence, with these words and why they do not."""

    code: IcdCode
    probability: float
    evidence: tuple[Evidence, ...]
    named: bool
    why: Guideline


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """The code is not reported."""

    code: IcdCode
    why: Guideline


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """The code is reported, too; one that stands already gets the evidence and the trace."""

    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The codes of one note between two rules, likeliest first.

    ``unlikely`` are documented, yet below ``review``; ``refused`` have no words that count.
    """

    note: Note
    conventions: Conventions
    review: float
    standing: tuple[Standing, ...]
    unlikely: tuple[Standing, ...] = ()
    refused: tuple[Refused, ...] = ()
    dropped: tuple[DroppedCode, ...] = ()

    def starting_with(self, *beginnings: str) -> tuple[Standing, ...]:
        """The codes that stand and begin so, likeliest first."""
        return tuple(one for one in self.standing if one.code.startswith(beginnings))

    def documented(self, *beginnings: str) -> tuple[Standing, ...]:
        """The codes that stand and begin so, then those that the note names yet are unlikely.

        Of the unlikely ones at most one of a category, and none of one that stands.
        """
        found = {one.code[:3]: one for one in self.unlikely[::-1] if one.named}
        for one in self.standing:
            found.pop(one.code[:3], None)
        every = (*self.standing, *likeliest_first(found.values()))
        return tuple(one for one in every if one.code.startswith(beginnings or ""))

    def stands(self, one: Standing) -> bool:
        """Whether a documented code stands."""
        return one.probability >= self.review

    def for_review(self, one: Standing) -> Standing:
        """The same, at least as likely as the bar of review: a rule wants a coder to see it."""
        return replace(one, probability=max(one.probability, self.review))

    def has(self, *beginnings: str) -> bool:
        """Whether a code that stands begins so."""
        return any(one.code.startswith(beginnings) for one in self.standing)


Change = Drop | Add
Rule = Callable[[Draft], Iterator[Change]]


def apply(rule: Rule, draft: Draft) -> Draft:
    """The draft after a rule; what it dropped is told with its reason."""
    changes = tuple(rule(draft))
    drops = {change.code: change.why for change in changes if isinstance(change, Drop)}
    stay = {one.code: one for one in draft.standing if one.code not in drops}
    for change in changes:
        if isinstance(change, Add):
            new = change.standing
            stay[new.code] = _together(stay[new.code], new) if new.code in stay else new
    fallen = (dropped(one, drops[one.code]) for one in draft.standing if one.code in drops)
    return replace(
        draft,
        standing=likeliest_first(stay.values()),
        unlikely=tuple(one for one in draft.unlikely if one.code not in stay),
        dropped=(*draft.dropped, *fallen),
    )


def likeliest_first(codes: Iterable[Standing]) -> tuple[Standing, ...]:
    """In an order that does not depend on where they came from."""
    return tuple(sorted(codes, key=lambda one: (-one.probability, one.code)))


def dropped(one: Standing | Refused, why: Guideline) -> DroppedCode:
    """The record of a code that is left out."""
    return DroppedCode(
        code=one.code, probability=one.probability, reason=why.says, rule=why.section
    )


def by_place(*spans: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """All of several codes' evidence, each once, in order of the note."""
    every = {span for of_code in spans for span in of_code}
    return tuple(sorted(every, key=lambda span: (span.start, span.end, span.match)))


def _together(old: Standing, new: Standing) -> Standing:
    return replace(
        old,
        probability=max(old.probability, new.probability),
        evidence=by_place(old.evidence, new.evidence),
        rules=tuple(dict.fromkeys((*old.rules, *new.rules))),
    )
