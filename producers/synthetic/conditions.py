"""What a synthetic patient can have: a row a condition, in ``conditions/*.tsv``, one file a specialty.

Columns: the codes in claim order; the kind; the settings (A office, E emergency, I inpatient); the sex
(f, m or -); the ages; the names a clinician may write, with "|" between; what the patient says, which
is integral to the condition and not coded beside it (guidelines I.B.5); what is done. "none" is empty.
"""

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
        """The names to choose from; the last of several is held out for evaluation."""
        if wordings == "all" or len(self.names) == 1:
            return self.names
        return self.names[:-1] if wordings == "train" else self.names[-1:]


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
