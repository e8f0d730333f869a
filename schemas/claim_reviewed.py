"""A coder's decision on a claim, and which of several reviews stands."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from clinical_coding.note import EncounterId, IcdCode, NoteId

REVIEW_NAMESPACE = uuid.UUID(
    "2f0a1f0e-9c0b-5d43-8a55-7be2c1a70b3d"
)  # of every event_id; never changes


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
    """Decisions of one coder on one claim; fields as in ``avro/claim_reviewed.avsc``.

    ``replaces`` is the review that stood when the coder decided; see ``standing_of``.
    """

    event_id: str
    claim_event_id: str
    note_id: NoteId
    encounter_id: EncounterId
    decisions: tuple[CodeDecision, ...]
    reviewer: str
    replaces: str | None = None
    reviewed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The review that counts, and those that arrived without knowing of the one that stood then."""

    review: ClaimReviewed | None = None
    unheeded: tuple[ClaimReviewed, ...] = ()


def standing_of(reviews: Iterable[ClaimReviewed]) -> Standing:
    """Which of a claim's reviews counts; they come in the order of their offsets.

    All have one key and so one partition: every reader sees one order and comes to the same answer,
    whoever published from where. A review stands if it replaces the one that stood when it arrived,
    so that none is overwritten by somebody who did not know of it. A repeat changes nothing. Where
    the topic no longer has the first ones, the first that it has stands.
    """
    standing: ClaimReviewed | None = None
    unheeded: list[ClaimReviewed] = []
    seen: set[str] = set()
    for review in reviews:
        if review.event_id in seen:
            continue
        seen.add(review.event_id)
        if standing is None or review.replaces == standing.event_id:
            standing = review
        else:
            unheeded.append(review)
    return Standing(review=standing, unheeded=tuple(unheeded))


def review_event_id(
    claim_event_id: str, reviewer: str, replaces: str | None, decisions: Iterable[CodeDecision]
) -> str:
    """The id of the review that these make: sent again after an outage, it is the same event."""
    told = (f"{d.code} {d.action} {d.rank} {d.reason_code}" for d in decisions)
    name = "\x1f".join((claim_event_id, reviewer, replaces or "", *told))
    return str(uuid.uuid5(REVIEW_NAMESPACE, name))
