"""One coder's way through the worklist: which claim is open, and what became of what was sent."""

from dataclasses import dataclass, field
from datetime import datetime

from clinical_coding.code_set import CodeSet
from clinical_coding.errors import BrokenContractError, CodingError
from runtime.audit import Action
from schemas.claim_coded import ClaimCoded
from schemas.claim_reviewed import ClaimReviewed
from ui.decisions import SentReview, review_of, sent_review
from ui.reveals import Log
from ui.review_sender import ReviewSender
from ui.worklist import Worklist

REMEMBERED = 200  # reviews sent, oldest forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A review that was published, and what made it."""

    claim: ClaimCoded
    decided: SentReview
    review: ClaimReviewed


@dataclass(slots=True, kw_only=True)
class Reviewing:
    """A session of one coder.

    ``again`` changes when what was sent last did not count; ``problem`` says why, "" where it did.
    """

    worklist: Worklist
    sender: ReviewSender
    log: Log
    claim: ClaimCoded | None = None
    before: SentReview | None = None
    again: int = 0
    problem: str = ""
    _sent: dict[str, Sent] = field(default_factory=dict, repr=False)  # by claim

    def waiting(self) -> list[ClaimCoded]:
        """The claims that wait, without those just sent; the first is opened where none is open."""
        waiting = [c for c in self.worklist.waiting() if c.event_id not in self._sent]
        if self.claim is None and waiting:
            self.open(waiting[0])
        return waiting

    def open(self, claim: ClaimCoded | None, before: SentReview | None = None) -> None:
        """Put a claim before the coder, with decisions to begin from."""
        self.claim, self.before, self.problem = claim, before, ""

    def skip(self) -> None:
        """Open the claim that waits after this one, from the last one the first."""
        waiting = self.waiting()
        ids = [claim.event_id for claim in waiting]
        at = ids.index(self.claim.event_id) + 1 if self.claim and self.claim.event_id in ids else 0
        self.open(waiting[at % len(waiting)] if waiting else None)

    @property
    def is_superseded(self) -> bool:
        """Whether the open claim was replaced or withdrawn by a later version of its note."""
        if self.claim is None or self.claim.event_id in self._sent:
            return False
        return self.worklist.claim(self.claim.event_id) is None

    def standing(self) -> ClaimReviewed | None:
        """The review of the open claim that stands already."""
        return self.worklist.standing(self.claim.event_id).review if self.claim else None

    def send(self, raw: object, reviewer: str, code_set: CodeSet, now: datetime) -> None:
        """Publish what the coder's page sent, once the audit log has it, and open the next claim.

        A review that does not name the one that stands by now is not published: the page tells of
        that one. Whatever else goes wrong is told as the problem, and the claim stays open.
        """
        self.again += 1
        claim = self.claim
        try:
            if not reviewer:
                raise BrokenContractError("expected a coder's review; got nobody's; log in as one")
            decided = sent_review(raw)
            if claim is None or decided.claim != claim.event_id:
                return
            standing = self.standing()
            if standing is not None and decided.replaces != standing.event_id:
                return
            review = review_of(claim, decided, code_set, reviewer, now)
            self.log.record(Action.REVIEWED, "review", (review.event_id,))
            self.sender.publish(review)
        except CodingError as error:
            self.problem = f"The review was not sent: {error}."
            return
        self._remember(Sent(claim=claim, decided=decided, review=review))
        self.skip()

    def overtaken(self) -> list[Sent]:
        """What was published while another one's review of the same claim was on its way and won."""
        return [
            sent
            for event_id, sent in self._sent.items()
            if any(
                late.event_id == sent.review.event_id
                for late in self.worklist.standing(event_id).unheeded
            )
        ]

    def look_again(self, sent: Sent) -> None:
        """Open an overtaken claim with what was decided; it may replace the one that won."""
        self.dismiss(sent)
        self.open(sent.claim, sent.decided)

    def dismiss(self, sent: Sent) -> None:
        """Leave the review that won."""
        self._sent.pop(sent.claim.event_id, None)

    def _remember(self, sent: Sent) -> None:
        self._sent[sent.claim.event_id] = sent
        if len(self._sent) > REMEMBERED:
            del self._sent[next(iter(self._sent))]
