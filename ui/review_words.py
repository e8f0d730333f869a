"""A review in words."""

from schemas.claim_reviewed import ClaimReviewed, ReviewAction

WORDS = {
    ReviewAction.ACCEPT: "accepted",
    ReviewAction.REJECT: "rejected",
    ReviewAction.ADD: "added",
    ReviewAction.CHANGE_ORDER: "moved",
}


FORMER = "Of the claim that this one supersedes: {told} This one has no review of its own yet."


def told_former(review: ClaimReviewed) -> str:
    """The review of a former claim, as of that one."""
    return FORMER.format(told=told(review))


def told(review: ClaimReviewed) -> str:
    """A review in words: who, when, what."""
    parts = []
    for action, word in WORDS.items():
        codes = [decision.code for decision in review.decisions if decision.action is action]
        if codes:
            parts.append(f"{word} {', '.join(codes)}")
    when = f"{review.reviewed_at:%d %b %Y, %H:%M:%S} UTC"
    return f"{review.reviewer} reviewed this claim on {when}: {'; '.join(parts) or 'no codes'}."
