"""What the landing tells of itself: what lies in the lake, what waits, and whether it moves."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from clinical_coding.errors import BrokerError
from runtime.clock import now
from runtime.health import Health
from runtime.metrics import LandingMetrics

LOOK_S = 10.0  # between two looks at the topic's ends
Offsets = Mapping[int, tuple[int, int]]  # first and next offset of each partition


class Query(Protocol):
    """A streaming query, as far as it is looked at; Spark's own is one."""

    @property
    def lastProgress(self) -> Any:  # noqa: ANN401, N802 - Spark's name, and a dictionary of any values
        """What the last trigger did, None before the first."""


class LandingVitals:
    """Looked at from the landing's main loop, read by its health endpoints from their thread.

    ``ends`` asks the broker for the claim topic's offsets and raises BrokerError without an answer.
    """

    def __init__(
        self,
        metrics: LandingMetrics,
        ends: Callable[[], Offsets],
        stall_s: float,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.metrics = metrics
        self._ends = ends
        self._stall_s = stall_s
        self._clock_s = clock_s
        self._looked = self._moved = clock_s()
        self._landed: dict[int, int] | None = None
        self._lag: int | None = None
        self._reason = "Spark is starting"
        metrics.started.set(now().timestamp())

    def look(self, query: Query) -> None:
        """See how far the lake is behind the topic, unless that was seen just now."""
        if self._reason or self._clock_s() - self._looked >= LOOK_S:
            self._see(landed_offsets(query.lastProgress))

    def health(self) -> Health:
        """Live while claims land or none waits, ready while the broker says how many wait."""
        silent_s = self._clock_s() - self._looked
        standstill_s = self._looked - self._moved
        if max(silent_s, standstill_s) > self._stall_s:
            what = "no look" if silent_s > standstill_s else "no claim landed"
            reason = f"{what} for {max(silent_s, standstill_s):.0f} s"
            return Health(live=False, ready=False, reason=reason, lag=self._lag)
        return Health(live=True, ready=not self._reason, reason=self._reason, lag=self._lag)

    def _see(self, landed: dict[int, int] | None) -> None:
        try:
            ends = self._ends()
        except BrokerError:
            self._looked = self._moved = self._clock_s()
            self._lag, self._reason = None, "the broker does not answer"
            return
        self._looked = self._clock_s()
        self._reason = "" if landed is not None else "no batch yet"
        self._lag = sum(end - (landed or {}).get(n, first) for n, (first, end) in ends.items())
        if landed != self._landed:
            self.metrics.progress.set(now().timestamp())
        if landed != self._landed or not self._lag:
            self._moved, self._landed = self._looked, landed
        self.metrics.lag.set(self._lag)
        self.metrics.standstill_s.set(self._looked - self._moved)


def landed_offsets(progress: Any) -> dict[int, int] | None:  # noqa: ANN401 - Spark's dictionary
    """The next offset of each partition that the last trigger left, None before the first."""
    if progress is None:
        return None
    told = progress["sources"][0]["endOffset"]
    by_topic = json.loads(told) if isinstance(told, str) else told
    return by_topic and {
        int(n): int(at) for places in by_topic.values() for n, at in places.items()
    }
