"""Which words of the note count as evidence for a code, and why the others do not."""

from collections.abc import Iterator
from dataclasses import dataclass

from clinical_coding.candidates import Candidate
from clinical_coding.chronic import is_chronic
from clinical_coding.claim import Assertion, Evidence, Profile
from clinical_coding.note import Note

MATCH_SEMANTIC = "semantic"  # Evidence.match where the encoder, and no phrase, led to the code
_MAX_SPANS = 8
_HISTORY_SECTIONS = frozenset({"pmh", "psh"})
_FAMILY_CODES = ("Z80", "Z81", "Z82", "Z83", "Z84")  # I.C.21.c.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why words are no evidence: a fixed phrase, and the guideline section behind it."""

    reason: str
    rule: str | None


NEGATED = Refusal(reason="negated in the note", rule=None)
OF_FAMILY = Refusal(reason="family history", rule="I.C.21.c.4")
HYPOTHETICAL = Refusal(reason="hypothetical in the note", rule=None)
CONDITIONAL = Refusal(reason="conditional in the note", rule=None)
UNCERTAIN = Refusal(reason="uncertain diagnosis of an outpatient", rule="IV.H")
PAST = Refusal(reason="past condition that is not there any more", rule="IV.J")
_NEVER = {
    Assertion.ABSENT: NEGATED,
    Assertion.HYPOTHETICAL: HYPOTHETICAL,
    Assertion.CONDITIONAL: CONDITIONAL,
}


def evidence_of(
    candidate: Candidate, note: Note, profile: Profile
) -> tuple[tuple[Evidence, ...], Refusal | None]:
    """The spans that count for a code, by place; the reason of the first refused where none does."""
    judged = [(span, refusal_of(candidate.code, span, note, profile)) for span in _spans(candidate)]
    counting = tuple(span for span, refusal in judged if refusal is None)
    refused = next((refusal for _, refusal in judged if refusal is not None), None)
    return counting[:_MAX_SPANS], None if counting else refused


def refusal_of(code: str, span: Evidence, note: Note, profile: Profile) -> Refusal | None:
    """Why a span is no evidence for a code; None when it is.

    Denied findings and those of relatives never are; what is uncertain counts for an inpatient
    (II.H) and in the mentions profile, not for an outpatient (IV.H); a past condition counts on a
    claim only where it lasts, or where the code is one of history or status.
    """
    never = _NEVER.get(span.assertion)
    if never is not None:
        return never
    if span.assertion is Assertion.FAMILY:
        return None if code.startswith(_FAMILY_CODES) else OF_FAMILY
    if profile is Profile.MENTIONS:
        return None
    if span.assertion is Assertion.POSSIBLE:
        return None if note.is_inpatient else UNCERTAIN
    past = span.assertion is Assertion.HISTORICAL or span.section in _HISTORY_SECTIONS
    return PAST if past and not is_chronic(code) else None


def _spans(candidate: Candidate) -> Iterator[Evidence]:
    """The candidate's mentions; only where it has none, the clause that reads like its title."""
    for naming in candidate.namings:
        mention = naming.mention
        yield Evidence(
            start=mention.start,
            end=mention.end,
            section=mention.section,
            assertion=mention.assertion,
            match=naming.kind.value,
        )
    if candidate.likeness and not candidate.namings:
        clause = candidate.likeness.clause
        yield Evidence(
            start=clause.start,
            end=clause.end,
            section=clause.section,
            assertion=clause.assertion,
            match=MATCH_SEMANTIC,
        )
