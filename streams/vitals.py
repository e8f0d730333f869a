"""What the worker tells of itself: the batch in hand, and what became of the batches before."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from clinical_coding.claim import Band
from runtime.metrics import EMPTY, WorkerMetrics, error_label
from schemas.claim_coded import ClaimCoded
from streams.micro_batch import Outcome
from streams.records import Incoming


@dataclass(frozen=True, slots=True, kw_only=True)
class InHand:
    """A micro-batch that is worked on; ``since_s`` is on the clock of ``Vitals``."""

    notes: int
    size_bytes: int
    since_s: float


class Vitals:
    """Written by the worker, read by its watchdog and its health endpoints from other threads."""

    def __init__(
        self, metrics: WorkerMetrics, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self.metrics = metrics
        self.in_hand: InHand | None = None
        self.owned: frozenset[int] | None = None  # None while it has no place in the group
        self.settled_s = clock_s()
        self.clock_s = clock_s

    @contextmanager
    def batch(self, records: Sequence[Incoming]) -> Iterator[None]:
        """Around all that is done with one micro-batch; timed only if it ends well."""
        size = sum(len(record.value or b"") for record in records)
        began = self.clock_s()
        self.in_hand = InHand(notes=len(records), size_bytes=size, since_s=began)
        self.metrics.in_flight.set(len(records))
        try:
            yield
            self.metrics.batch_s.observe(self.clock_s() - began)
        finally:
            self.in_hand = None
            self.metrics.in_flight.set(0)

    def settled(self, found: Sequence[Outcome]) -> None:
        """Count the outcomes that the broker holds."""
        self.settled_s = self.clock_s()
        self.metrics.notes.inc(len(found))
        self.metrics.batch_notes.observe(len(found))
        claims = [outcome.claim for outcome in found if outcome.claim is not None]
        if claims:
            self.metrics.engine_s.observe(claims[0].timings.engine_ms / 1000)
        for claim in claims:
            self._count(claim)
        for outcome in found:
            if outcome.error_class is not None:
                self.metrics.dead_letters.labels(error_label(outcome.error_class)).inc()

    def _count(self, claim: ClaimCoded) -> None:
        self.metrics.claims.labels(band_of(claim)).inc()
        for metric, since in (
            (self.metrics.signed_to_coded_s, claim.note_signed_at),
            (self.metrics.published_to_coded_s, claim.timings.published_at),
        ):
            metric.observe(max(0.0, (claim.coded_at - since).total_seconds()))


def band_of(claim: ClaimCoded) -> str:
    """The claim's pile: one code that wants a coder's look sends all of it there."""
    if not claim.diagnoses:
        return EMPTY
    sure = all(diagnosis.band is Band.SUBMIT for diagnosis in claim.diagnoses)
    return Band.SUBMIT if sure else Band.REVIEW
