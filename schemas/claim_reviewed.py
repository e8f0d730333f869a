"""A coder's decision on a claim."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from clinical_coding.note import EncounterId, IcdCode, NoteId


class ReviewAction(StrEnum):
    """What a coder did with one code."""

    ACCEPT = "accept"
    REJECT = "reject"
    ADD = "add"
    CHANGE_ORDER = "change_order"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeDecision:
    """One code's fate; ``rank`` is its place afterwards, None when rejected."""

    code: IcdCode
    action: ReviewAction
    rank: int | None = None
    reason_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReviewed:
    """Decisions of one coder on one claim; fields as in ``avro/claim_reviewed.avsc``."""

    event_id: str
    claim_event_id: str
    note_id: NoteId
    encounter_id: EncounterId
    decisions: tuple[CodeDecision, ...]
    reviewer: str
    reviewed_at: datetime
