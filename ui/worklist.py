"""The claims that wait for a coder, what coders decided, and how they and the engine agree."""

from bisect import insort
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from clinical_coding.claim import Band
from schemas.claim_coded import ClaimCoded
from schemas.claim_reviewed import ClaimReviewed, Standing, standing_of

HCC_WEIGHT = 3.0  # a code with a payment category counts as so many others
DAY_WORTH = 1.0  # a day of waiting counts as one code that a coder will have to correct
DAY_S = 24 * 60 * 60.0


def value(claim: ClaimCoded) -> float:
    """How many codes of the review band a coder is expected to correct, those with an HCC thrice.

    A code's chance to be wrong is what its calibrated probability leaves, so many doubtful codes and
    those that payment hangs on come first.
    """
    return sum(
        (1 - d.probability) * (HCC_WEIGHT if d.hcc else 1.0)
        for d in claim.diagnoses
        if d.band is Band.REVIEW
    )


def urgency(claim: ClaimCoded) -> float:
    """By value, and DAY_WORTH more for each day of waiting: none waits for ever.

    All claims grow urgent at one pace, so that two never change places and nothing is sorted anew.
    """
    return value(claim) - DAY_WORTH * claim.coded_at.timestamp() / DAY_S


def waits_for_review(claim: ClaimCoded) -> bool:
    """Whether any of its codes is for a coder to decide."""
    return any(diagnosis.band is Band.REVIEW for diagnosis in claim.diagnoses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A claim and the review of it that stands."""

    claim: ClaimCoded
    review: ClaimReviewed


@dataclass(slots=True, kw_only=True)
class Worklist:
    """The ``limit`` most urgent claims that wait, and the ``limit`` that were reviewed last.

    Safe to share by threads. ``left_out`` counts waiting claims that fell out over the limit.
    """

    limit: int
    left_out: int = 0
    _waiting: dict[str, ClaimCoded] = field(default_factory=dict, repr=False)
    _order: list[tuple[float, str]] = field(default_factory=list)  # least urgent first
    _reviews: OrderedDict[str, list[ClaimReviewed]] = field(
        default_factory=OrderedDict, repr=False
    )  # by claim, in order of arrival
    _judged: OrderedDict[str, ClaimCoded] = field(default_factory=OrderedDict, repr=False)
    _former: OrderedDict[str, str] = field(
        default_factory=OrderedDict, repr=False
    )  # the claim that each one supersedes
    _lock: Lock = field(default_factory=Lock, repr=False)

    def add_claim(self, claim: ClaimCoded) -> None:
        """A claim that was not read before; the one that it supersedes waits no longer."""
        with self._lock:
            if claim.supersedes is not None:
                self._settle(claim.supersedes)
                self._former[claim.event_id] = claim.supersedes
                if len(self._former) > self.limit:
                    self._former.popitem(last=False)
            if claim.event_id in self._reviews:
                self._keep_judged(claim)
            elif waits_for_review(claim):
                self._waiting[claim.event_id] = claim
                insort(self._order, (urgency(claim), claim.event_id))
                if len(self._order) > self.limit:
                    del self._waiting[self._order.pop(0)[1]]
                    self.left_out += 1

    def add_review(self, review: ClaimReviewed) -> None:
        """A review as it stands in the topic, in the order of a claim's offsets."""
        with self._lock:
            reviews = self._reviews.setdefault(review.claim_event_id, [])
            if all(known.event_id != review.event_id for known in reviews):
                reviews.append(review)
            if len(self._reviews) > self.limit:
                oldest, _ = self._reviews.popitem(last=False)
                self._judged.pop(oldest, None)
            claim = self._settle(review.claim_event_id)
            if claim is not None:
                self._keep_judged(claim)

    def waiting(self) -> list[ClaimCoded]:
        """The claims that wait, most urgent first."""
        with self._lock:
            return [self._waiting[name] for _, name in reversed(self._order)]

    def claim(self, event_id: str) -> ClaimCoded | None:
        """A claim that waits or was reviewed, where it is still kept."""
        with self._lock:
            return self._waiting.get(event_id) or self._judged.get(event_id)

    def standing(self, event_id: str) -> Standing:
        """The review of a claim that counts, and those that do not."""
        with self._lock:
            return standing_of(self._reviews.get(event_id, ()))

    def former_review(self, event_id: str) -> ClaimReviewed | None:
        """The standing review of the nearest claim that this one supersedes: it judges other codes."""
        seen = {event_id}
        with self._lock:
            former = self._former.get(event_id)
            while former is not None and former not in seen:
                seen.add(former)
                review = standing_of(self._reviews.get(former, ())).review
                if review is not None:
                    return review
                former = self._former.get(former)
        return None

    def reviewed(self) -> list[Reviewed]:
        """The kept claims that were reviewed, each with the review that stands."""
        with self._lock:
            return list(self._standing_reviews())

    def _standing_reviews(self) -> Iterator[Reviewed]:
        for event_id, claim in self._judged.items():
            review = standing_of(self._reviews[event_id]).review
            if review is not None:
                yield Reviewed(claim=claim, review=review)

    def _settle(self, event_id: str) -> ClaimCoded | None:
        claim = self._waiting.pop(event_id, None)
        if claim is not None:
            self._order.remove((urgency(claim), event_id))
        return claim

    def _keep_judged(self, claim: ClaimCoded) -> None:
        self._judged[claim.event_id] = claim


def reviewed_on(reviewed: Iterable[Reviewed], now: datetime) -> list[Reviewed]:
    """Those that were reviewed on the day of this moment, by UTC."""
    return [one for one in reviewed if one.review.reviewed_at.date() == now.date()]
