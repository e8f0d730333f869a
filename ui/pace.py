"""How quickly claims come, and how long they took, over the last minutes; bounded however many come."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

RATE_S = 60  # the rate is over the last minute
BAR_S = 5  # width of one bar of the sparkline; bars begin at whole multiples of it
BARS = 36
WINDOW_S = BAR_S * BARS


@dataclass(slots=True, kw_only=True)
class Pace:
    """Claims by the second in which they were coded, not read: reading history is no burst."""

    _by_second: Counter[int] = field(default_factory=Counter)
    _took_ms: Counter[int] = field(default_factory=Counter)  # of all of a second together

    def add(self, at: datetime, now: datetime, took_s: float = 0.0) -> None:
        """Count a claim coded then; a clock ahead of ours counts as now, the distant past not at all."""
        now_s = int(now.timestamp())
        second = min(int(at.timestamp()), now_s)
        if second > now_s - WINDOW_S:
            self._by_second[second] += 1
            self._took_ms[second] += round(1000 * took_s)
        if len(self._by_second) > 2 * WINDOW_S:
            for old in [kept for kept in self._by_second if kept <= now_s - WINDOW_S]:
                del self._by_second[old], self._took_ms[old]

    def rate(self, now: datetime) -> float:
        """Claims a second over the last RATE_S."""
        now_s = int(now.timestamp())
        return sum(n for s, n in self._by_second.items() if now_s - s < RATE_S) / RATE_S

    def bars(self, now: datetime) -> tuple[int, ...]:
        """Claims in each BAR_S, oldest first; the last bar is still growing."""
        return _summed(self._by_second, now)

    def waits(self, now: datetime) -> tuple[float | None, ...]:
        """The mean time that the claims of each BAR_S took, in s; None where there was none."""
        together = zip(_summed(self._took_ms, now), self.bars(now), strict=True)
        return tuple(took / count / 1000 if count else None for took, count in together)


def _summed(by_second: Mapping[int, int], now: datetime) -> tuple[int, ...]:
    last = int(now.timestamp()) // BAR_S
    bars = [0] * BARS
    for second, number in by_second.items():
        back = last - second // BAR_S
        if 0 <= back < BARS:
            bars[BARS - 1 - back] += number
    return tuple(bars)
