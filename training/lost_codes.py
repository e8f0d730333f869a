"""Where the engine lost the gold codes that it does not report: an error analysis by step."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from clinical_coding.code_set import CodeSet
from clinical_coding.note import IcdCode
from training.coded_notes import CATEGORY, CodedNote, answer_to, categories, opened


class Fate(StrEnum):
    """What became of a gold code: the first of these that is true."""

    REPORTED = "reported"
    NOT_A_CANDIDATE = "not a candidate"
    REFUSED = "refused by assertion"  # all its words are denied, another's, possible or past
    DROPPED = "dropped by a rule"
    SIBLING = "a sibling chosen"  # a code of its category is reported instead, and is not gold
    RANKED_LOW = "ranked low"


@dataclass(slots=True)
class Fates:
    """How many gold codes met which fate, and for which reason rules and assertions took theirs."""

    counts: Counter[Fate] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, coded: CodedNote, code_set: CodeSet) -> None:
        """Count the gold codes of one note."""
        for fate, reason in fates(coded, code_set):
            self.counts[fate] += 1
            if reason:
                self.reasons[reason] += 1

    def shares(self) -> dict[Fate, float]:
        """Each fate's share of the gold codes, in the order of the engine's steps; 0 without any."""
        gold = max(1, self.counts.total())
        return {fate: self.counts[fate] / gold for fate in Fate}


def fates(coded: CodedNote, code_set: CodeSet) -> Iterator[tuple[Fate, str]]:
    """The fate of each gold code, with the reason where one was given, else "".

    A header of today shares the fate of the likeliest candidate below it.
    """
    gold = set(coded.labelled.codes)
    siblings = categories(set(coded.reported) - opened(gold, coded.reported, code_set))
    for code in sorted(gold):
        if answer_to(code, coded.reported, code_set):
            yield Fate.REPORTED, ""
            continue
        candidate = answer_to(code, coded.candidates, code_set)
        yield _lost(candidate, coded, siblings)


def _lost(candidate: str | None, coded: CodedNote, siblings: set[str]) -> tuple[Fate, str]:
    if candidate is None:
        return Fate.NOT_A_CANDIDATE, ""
    for fate, left_out in ((Fate.REFUSED, coded.refused), (Fate.DROPPED, coded.dropped)):
        if IcdCode(candidate) in left_out:
            return fate, left_out[IcdCode(candidate)]
    return (Fate.SIBLING if candidate[:CATEGORY] in siblings else Fate.RANKED_LOW), ""
