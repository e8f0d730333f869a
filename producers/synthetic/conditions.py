"""What a synthetic patient can have: a row a condition, in ``conditions/*.tsv``, one file a specialty.

Columns: the codes in claim order; the kind; the settings (A office, E emergency, I inpatient); the sex
(f, m or -); the ages; the names a clinician may write, with "|" between; what the patient says, which
is integral to the condition and not coded beside it (guidelines I.B.5); what is done. "none" is empty.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from clinical_coding.note import IcdCode, Sex
from producers.synthetic.companions import NEEDS, groups_of

Kind = Literal[
    "acute", "chronic", "symptom", "injury", "neoplasm", "pregnancy", "newborn",
    "wellness", "status", "history", "cause",
]  # fmt: skip
Wordings = Literal["all", "train", "held-out"]
_SIDE_BEHIND = re.compile(r"([\w -]+?) (?:of|in) (?:the )?(right|left) ((?:\w+ )?\w+)")
_SIDE_BEFORE = re.compile(r"(right|left) (\w+(?: \w+){1,3})")
SEXES = {"f": Sex.FEMALE, "m": Sex.MALE, "-": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One row; ``ages`` are completed years, both ends included, ``sex`` None for either."""

    codes: tuple[IcdCode, ...]
    kind: Kind
    settings: str
    sex: Sex | None
    ages: tuple[int, int]
    names: tuple[str, ...]
    says: tuple[str, ...]
    plans: tuple[str, ...]

    def fits(self, age: int, sex: Sex) -> bool:
        """Whether a patient of this age and sex can have it."""
        return self.ages[0] <= age <= self.ages[1] and self.sex in (None, sex)

    def conflicts(self, other: "Condition") -> bool:
        """Whether the two cannot stand in one encounter as they are."""
        same_category = {c[:3] for c in self.codes} & {c[:3] for c in other.codes} - {"Z79"}
        return bool(same_category or groups_of(self.codes) & groups_of(other.codes))

    def needs(self) -> tuple[str, ...]:
        """Code prefixes of which the encounter must have one; none for most conditions."""
        return NEEDS.get(self.codes[0], ())

    def is_of(self, prefixes: Sequence[str]) -> bool:
        """Whether one of its codes begins so."""
        return any(code.startswith(tuple(prefixes)) for code in self.codes)

    def names_for(self, wordings: Wordings) -> tuple[str, ...]:
        """The names to choose from; the last of several is held out for evaluation.

        A name that says a side stands in each of the orders in which people write it.
        """
        if wordings == "all" or len(self.names) == 1:
            return _in_each_order(self.names)
        held_out = _in_each_order(self.names[-1:])
        if wordings == "held-out":
            return held_out
        return tuple(form for form in _in_each_order(self.names[:-1]) if form not in held_out)


@cache
def _in_each_order(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form for name in names for form in _orders(name)))


def _orders(name: str) -> tuple[str, ...]:
    """A name with its side where it stands and elsewhere: "left hip bursitis", "hip bursitis, left"."""
    if behind := _SIDE_BEHIND.fullmatch(name):
        what, side, where = behind.groups()
        return (name, f"{side} {where} {what}", f"{what}, {side} {where}")
    if before := _SIDE_BEFORE.fullmatch(name):
        side, what = before.groups()
        return (name, f"{what}, {side}", f"{what}, {side} side")
    return (name,)


@cache
def conditions() -> tuple[Condition, ...]:
    """Every condition, in the order of files and rows."""
    folder = files("producers.synthetic") / "conditions"
    tables = sorted((f for f in folder.iterdir() if f.name.endswith(".tsv")), key=lambda f: f.name)
    lines = [line for table in tables for line in table.read_text("utf-8").splitlines()]
    return tuple(_condition(line) for line in lines if line and not line.startswith("#"))


def _condition(line: str) -> Condition:
    codes, kind, settings, sex, ages, names, says, plan = line.split("\t")
    low, high = ages.split("-")
    return Condition(
        codes=tuple(IcdCode(code) for code in codes.split()),
        kind=kind,  # type: ignore[arg-type] # a test holds every row to Kind
        settings=settings,
        sex=SEXES[sex],
        ages=(int(low), int(high)),
        names=tuple(names.split("|")),
        says=_told(says),
        plans=_told(plan),
    )


def _told(cell: str) -> tuple[str, ...]:
    return () if cell == "none" else tuple(cell.split("|"))
