"""What a synthetic patient can have: a row a condition, in ``conditions/*.tsv``, one file a specialty.

Columns: the codes in claim order; the kind; the settings (A office, E emergency, I inpatient); the sex
(f, m or -); the ages; the names a clinician may write, with "|" between; what the patient says, which
is integral to the condition and not coded beside it (guidelines I.B.5); what is done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from clinical_coding.note import IcdCode, Sex

Kind = Literal[
    "acute", "chronic", "symptom", "injury", "neoplasm", "pregnancy", "newborn",
    "wellness", "status", "history", "cause",
]  # fmt: skip
Wordings = Literal["all", "train", "held-out"]
SEXES = {"f": Sex.FEMALE, "m": Sex.MALE, "-": None}
# At most one of each group in an encounter: they exclude one another, or together are another code
# (hypertension with kidney disease or heart failure: I.C.9.a; diabetes with kidney disease: I.A.15).
GROUPS: tuple[tuple[str, ...], ...] = (
    ("I10", "I11", "I12", "I95", "N17", "N18", "E11.22", "R60", "R33"),
    ("E10", "E11", "E16", "R73", "N18", "E66.01"),
    ("E03", "E04", "E05", "E06", "C73"),
    ("E78",),
    ("E66",),
    ("I20", "I21", "I25", "R07"),
    ("I44", "I47", "I48", "I49", "R00"),
    ("I63", "G45", "Z86.73", "I69"),
    ("I26", "I80", "I82", "Z86.718"),
    ("I70", "I73", "E11.51", "L97"),
    ("J40", "J41", "J43", "J44", "J45", "J47", "J20", "J21", "J18", "J12", "J15", "J69", "R06", "R05"),
    ("J96", "R09.02", "Z99.81"),
    ("K21", "K20", "K22", "K29", "K30", "R12"),
    ("K70", "K74", "K76", "R17", "R18"),
    ("K50", "K51", "K52", "K57", "K58", "K59", "R19"),
    ("D50", "D51", "D57", "D62", "D64", "E53", "E61"),
    ("F31", "F32", "F33", "F43", "F41", "F40", "F42"),
    ("F02", "F03", "G30", "G93", "R41"),
    ("F17", "Z87.891"),
    ("M15", "M16", "M17", "M19", "M25", "M79"),
    ("M06", "M32", "M35"),
    ("M80", "M81", "M85"),
    ("M54", "M51", "M47", "M48", "S39"),
    ("G62", "E11.40", "E11.42", "R20"),
    ("C50", "Z85.3", "N63"),
    ("C61", "N40", "N41", "Z85.46", "R35"),
    ("C18", "C20", "Z85.038", "D12"),
    ("A41", "A49", "R50", "J10", "J11", "U07", "B34"),
    ("N30", "N39", "N10", "R30", "R31", "R32"),
    ("E86", "E87"),
    ("E43", "E44", "E46", "R63"),
)  # fmt: skip
NEEDS: dict[str, tuple[str, ...]] = {  # a status is told only beside what it belongs to
    "Z79.4": ("E11",),
    "Z79.84": ("E11",),
    "Z79.01": ("I48", "I82", "I26"),
    "Z79.52": ("M35", "D86"),
    "Z79.82": ("I25", "I73"),
    "Z79.899": ("M06", "F20"),
    "Z68.41": ("E66.01",),
    "Z99.81": ("J44.9", "J84"),
}


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
    plan: str

    def fits(self, age: int, sex: Sex) -> bool:
        """Whether a patient of this age and sex can have it."""
        return self.ages[0] <= age <= self.ages[1] and self.sex in (None, sex)

    def conflicts(self, other: "Condition") -> bool:
        """Whether the two cannot stand in one encounter as they are."""
        same_category = {c[:3] for c in self.codes} & {c[:3] for c in other.codes}
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
def groups_of(codes: tuple[IcdCode, ...]) -> frozenset[int]:
    """The places in GROUPS that one of the codes belongs to."""
    return frozenset(
        place for place, group in enumerate(GROUPS) if any(code.startswith(group) for code in codes)
    )


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
        says=tuple(word for word in says.split("|") if word != "none"),
        plan="" if plan == "none" else plan,
    )
