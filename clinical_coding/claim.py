"""What the engine answers for one note: codes in order, each with evidence, and what it left out."""

from dataclasses import dataclass
from enum import StrEnum

from clinical_coding.note import IcdCode


class Assertion(StrEnum):
    """How the note holds a finding (ConText; Harkema et al., 2009)."""

    PRESENT = "present"
    ABSENT = "absent"
    POSSIBLE = "possible"
    CONDITIONAL = "conditional"
    HYPOTHETICAL = "hypothetical"
    HISTORICAL = "historical"
    FAMILY = "family"


class Band(StrEnum):
    """Where a code goes: sent as it is, or to a coder's worklist."""

    SUBMIT = "submit"
    REVIEW = "review"


class Profile(StrEnum):
    """What is asked for: the claim under the guidelines, or every condition documented."""

    CLAIM = "claim"
    MENTIONS = "mentions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Support for one code: [start, end) in characters of the note as received; holds no text.

    ``section`` names the note's section ("assessment", "hpi"; "" where none was recognised),
    ``match`` says how the words led to the code ("title", "synonym", "abbreviation", "semantic").
    """

    start: int
    end: int
    section: str
    assertion: Assertion
    match: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One code on the claim.

    ``rank`` counts from 1 in claim order, ``probability`` is calibrated, 0..1, ``hcc`` the CMS-HCC
    V28 category where it has one ("37"; "37,263" where it is in two), ``rules`` the trace of rules
    that touched it, in order.
    """

    code: IcdCode
    description: str
    rank: int
    probability: float
    band: Band
    first_listed: bool
    hcc: str | None
    evidence: tuple[Evidence, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedCode:
    """A candidate that was left out, and why: an auditor asks "why not" as often as "why"."""

    code: IcdCode
    probability: float
    reason: str
    rule: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """The engine's answer for one note.

    ``code_set`` is the version that picked the codes; ``warnings`` are fixed phrases such as
    "code-set-not-in-force" that a reader of the claim must see.
    """

    profile: Profile
    code_set: str
    diagnoses: tuple[Diagnosis, ...]
    dropped: tuple[DroppedCode, ...]
    warnings: tuple[str, ...] = ()
