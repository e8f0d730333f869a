"""What the worker tells of itself: the batch in hand, and what became of the batches before."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from clinical_coding.claim import Band
from runtime.clock import now
from runtime.metrics import EMPTY, WorkerMetrics, error_label
from runtime.tracing import Record, Span, off
from schemas.claim_coded import ClaimCoded
from schemas.cloud_events import traceparent_of
from streams.micro_batch import Outcome
from streams.records import Incoming, present


@dataclass(frozen=True, slots=True, kw_only=True)
class InHand:
    """A micro-batch that is worked on; ``since_s`` is on the clock of ``Vitals``."""

    notes: int
    size_bytes: int
    since_s: float


class Vitals:
    """Written by the worker, read by its watchdog and its health endpoints from other threads."""

    def __init__(
        self,
        metrics: WorkerMetrics,
        record: Record = off,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.metrics = metrics
        self._record = record
        self.in_hand: InHand | None = None
        self.owned: frozenset[int] | None = None  # None while it has no place in the group
        self.settled_s = clock_s()
        self.clock_s = clock_s
        self._began = now()

    @contextmanager
    def batch(self, records: Sequence[Incoming]) -> Iterator[None]:
        """Around all that is done with one micro-batch; timed only if it ends well."""
        size = sum(len(record.value or b"") for record in records)
        began, self._began = self.clock_s(), now()
        self.in_hand = InHand(notes=len(records), size_bytes=size, since_s=began)
        self.metrics.in_flight.set(len(records))
        try:
            yield
            self.metrics.batch_s.observe(self.clock_s() - began)
        finally:
            self.in_hand = None
            self.metrics.in_flight.set(0)

    def settled(self, batch: Sequence[Incoming], found: Sequence[Outcome]) -> None:
        """Count the outcomes that the broker holds for the batch that was in hand, and trace them."""
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
        if self._record is not off:
            for span in spans(batch, found, self._began, now()):
                self._record(span)

    def _count(self, claim: ClaimCoded) -> None:
        self.metrics.claims.labels(band_of(claim)).inc()
        for metric, since in (
            (self.metrics.signed_to_coded_s, claim.note_signed_at),
            (self.metrics.published_to_coded_s, claim.timings.published_at),
        ):
            metric.observe(max(0.0, (claim.coded_at - since).total_seconds()))


def spans(
    batch: Sequence[Incoming], found: Sequence[Outcome], began: datetime, ended: datetime
) -> Iterator[Span]:
    """One for each claim: from its batch in hand to the claim on the broker, caused by its note."""
    for record, outcome in zip(batch, found, strict=True):
        own = traceparent_of(present(outcome.record.headers))
        if outcome.claim is not None and own is not None:
            yield Span(
                name="code note",
                own=own,
                parent=traceparent_of(present(record.headers)),
                began=began,
                ended=ended,
                attributes={
                    "topic": record.topic,
                    "partition": record.partition,
                    "offset": record.offset,
                    "batch_notes": len(batch),
                    "engine_ms": round(outcome.claim.timings.engine_ms),
                },
            )


def band_of(claim: ClaimCoded) -> str:
    """The claim's pile: one code that wants a coder's look sends all of it there."""
    if not claim.diagnoses:
        return EMPTY
    sure = all(diagnosis.band is Band.SUBMIT for diagnosis in claim.diagnoses)
    return Band.SUBMIT if sure else Band.REVIEW
