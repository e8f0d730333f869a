"""From what a coder's page sends to the decisions of a review."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from clinical_coding.code_set import CodeSet
from clinical_coding.errors import BrokenContractError
from clinical_coding.note import IcdCode
from schemas.claim_coded import ClaimCoded
from schemas.claim_reviewed import ClaimReviewed, CodeDecision, ReviewAction, review_event_id

ACCEPTED, MOVED = "documented", "sequencing"
REASONS: Mapping[ReviewAction, Mapping[str, str]] = {  # the closed list, most common first
    ReviewAction.ACCEPT: {ACCEPTED: "documented"},
    ReviewAction.CHANGE_ORDER: {MOVED: "sequencing guidelines"},
    ReviewAction.REJECT: {
        "not-documented": "not documented",
        "denied-or-uncertain": "denied or uncertain",
        "not-current": "past, not current",
        "other-person": "another person's",
        "more-specific-code": "a more specific code fits",
        "not-reportable": "integral or not reportable",
    },
    ReviewAction.ADD: {
        "documented": "documented, was missed",
        "more-specific-code": "more specific",
        "guideline": "asked for by a guideline",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRow:
    """One code as the coder left it; the reason is of the closed list."""

    code: IcdCode
    is_kept: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentReview:
    """What the page sends: the claim's codes in the coder's order.

    ``replaces`` is the review that the coder was shown and replaces.
    """

    claim: str
    replaces: str | None
    rows: tuple[SentRow, ...]


SENT = TypeAdapter(SentReview)


def sent_review(raw: object) -> SentReview:
    """What a browser sent. Raises BrokenContractError for anything else than a review."""
    try:
        return SENT.validate_python(raw)
    except ValidationError:
        raise BrokenContractError(
            "expected a review as the page makes it; got something else; open the page again"
        ) from None


def decisions_of(
    claim: ClaimCoded, rows: Sequence[SentRow], code_set: CodeSet
) -> tuple[CodeDecision, ...]:
    """One decision for each code, in the order of the page.

    A kept code has its order changed where it stands elsewhere among the engine's kept codes than
    before: that another one was rejected or added moves nobody. Raises BrokenContractError where a
    code of the claim has no decision or two, an added one cannot be submitted on that day, or a
    reason is not of the list.
    """
    engine = [diagnosis.code for diagnosis in claim.diagnoses]
    _check_codes(engine, rows, code_set)
    kept = [row.code for row in rows if row.is_kept and row.code in engine]
    before = dict(zip([code for code in engine if code in kept], kept, strict=True))
    decisions = tuple(_decisions(rows, before))
    for one in decisions:
        if one.reason_code not in REASONS[one.action]:
            raise BrokenContractError(
                f"expected a reason for {one.action} of {', '.join(REASONS[one.action])}; got "
                "another one; choose one of the list"
            )
    return decisions


def review_of(
    claim: ClaimCoded, sent: SentReview, code_set: CodeSet, reviewer: str, now: datetime
) -> ClaimReviewed:
    """The event. Raises BrokenContractError as ``decisions_of`` does."""
    decisions = decisions_of(claim, sent.rows, code_set)
    return ClaimReviewed(
        event_id=review_event_id(claim.event_id, reviewer, sent.replaces, decisions),
        claim_event_id=claim.event_id,
        note_id=claim.note_id,
        encounter_id=claim.encounter_id,
        decisions=decisions,
        reviewer=reviewer,
        replaces=sent.replaces,
        reviewed_at=now,
    )


def _decisions(
    rows: Sequence[SentRow], before: Mapping[IcdCode, IcdCode]
) -> Iterator[CodeDecision]:
    """``before`` maps each kept code of the engine to the one that now stands at its place."""
    rank = 0
    for row in rows:
        rank += row.is_kept
        if not row.is_kept:
            action, reason = ReviewAction.REJECT, row.reason
        elif row.code not in before:
            action, reason = ReviewAction.ADD, row.reason
        elif before[row.code] == row.code:
            action, reason = ReviewAction.ACCEPT, ACCEPTED
        else:
            action, reason = ReviewAction.CHANGE_ORDER, MOVED
        place = rank if row.is_kept else None
        yield CodeDecision(code=row.code, action=action, rank=place, reason_code=reason)


def _check_codes(engine: Sequence[str], rows: Sequence[SentRow], code_set: CodeSet) -> None:
    codes = [row.code for row in rows]
    if len(set(codes)) != len(codes) or not set(engine) <= set(codes):
        raise BrokenContractError(
            f"expected one decision for each of the claim's {len(engine)} codes; got "
            f"{len(codes)} for {len(set(codes))} codes; open the claim again"
        )
    for row in rows:
        if row.code not in engine and not (row.is_kept and code_set.is_billable(row.code)):
            raise BrokenContractError(
                f"expected an added code that {code_set.version} can submit; got another one; "
                "choose one of those that the search offers"
            )
