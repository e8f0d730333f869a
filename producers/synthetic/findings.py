"""What the examination shows and the laboratory says, so that both fit the story."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

NORMAL = {
    "heart": ("Regular rate and rhythm.", "RRR, no murmurs.", "Heart sounds normal."),
    "lungs": ("Lungs clear to auscultation bilaterally.", "CTAB.", "Breathing unlabored."),
    "abdomen": ("Abdomen soft, nontender.", "Soft, NT/ND.", "Abdomen benign."),
    "skin": ("Skin warm and dry.", "No rashes noted."),
    "nerves": ("Alert and oriented x3.", "No focal deficits.", "Cranial nerves II-XII intact."),
    "throat": ("Oropharynx clear.", "Moist mucous membranes."),
    "neck": ("Neck supple.", "No lymphadenopathy."),
    "legs": ("No edema.", "Extremities without edema."),
    "mood": ("Mood and affect appropriate.", "Pleasant and cooperative."),
    "body": ("Well nourished.", "No acute distress.", "Well appearing."),
}
# An examination that finds the one as it should be says nothing of the other.
DISTURBS = {
    "heart": ("legs", "lungs"),
    "lungs": ("body",),
    "limbs": ("legs", "skin"),
    "joints": ("legs",),
    "nerves": ("mood",),
    "baby": ("mood", "nerves", "neck", "body", "throat"),
    "feet": ("legs", "body"),
    "belly": ("abdomen",),
    "skin": ("body",),
    "abdomen": ("body",),
    "wound": ("skin",),
    "legs": ("skin",),
    "chest": ("lungs",),
    "pelvis": ("abdomen",),
    "mouth": ("throat",),
}
BESIDE = ("Results reviewed.", "Rest of the labs reviewed.", "No other studies.")
ROUTINE = ("CBC within normal limits.", "BMP unremarkable.", "Labs reviewed.", "None today.",
           "Platelets 240.", "Results reviewed with the patient.")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What to expect with codes that begin so: on examination, in the results."""

    codes: tuple[str, ...]
    system: str
    exam: tuple[str, ...]
    results: tuple[str, ...]


@cache
def findings() -> tuple[Finding, ...]:
    """Every row of ``findings.tsv``."""
    table = (files("producers.synthetic") / "findings.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return tuple(
        Finding(
            codes=tuple(codes.split()),
            system=system,
            exam=tuple(exam.split("|")),
            results=tuple(results.split("|")),
        )
        for codes, system, exam, results in rows
    )


@cache
def finding_for(code: str) -> Finding | None:
    """The first row for the code; None where nothing is expected."""
    return next((f for f in findings() if code.startswith(f.codes)), None)


def normal_systems(found: tuple[Finding, ...]) -> tuple[str, ...]:
    """The systems of which nothing speaks against a normal examination."""
    disturbed = {s for f in found for s in (f.system, *DISTURBS.get(f.system, ()))}
    return tuple(system for system in NORMAL if system not in disturbed)
