"""Reviews for tests; what a test does not care about has a plain value."""

from datetime import UTC, datetime

from clinical_coding.note import IcdCode
from schemas.claim_coded import ClaimCoded
from schemas.claim_reviewed import ClaimReviewed, CodeDecision, ReviewAction, review_event_id
from tests.claims import claim_event

REVIEWED_AT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


def review_event(
    claim: ClaimCoded | None = None,
    *,
    action: ReviewAction = ReviewAction.ACCEPT,
    reviewer: str = "coder-1",
    replaces: ClaimReviewed | None = None,
    reviewed_at: datetime = REVIEWED_AT,
) -> ClaimReviewed:
    """A coder's decision on the claim's codes, all the same."""
    claim = claim or claim_event("n")
    kept = action is not ReviewAction.REJECT
    decisions = tuple(
        CodeDecision(
            code=IcdCode(d.code),
            action=action,
            rank=rank if kept else None,
            reason_code="documented" if kept else "not-documented",
        )
        for rank, d in enumerate(claim.diagnoses, start=1)
    )
    before = replaces.event_id if replaces else None
    return ClaimReviewed(
        event_id=review_event_id(claim.event_id, reviewer, before, decisions),
        claim_event_id=claim.event_id,
        note_id=claim.note_id,
        encounter_id=claim.encounter_id,
        decisions=decisions,
        reviewer=reviewer,
        replaces=before,
        reviewed_at=reviewed_at,
    )
