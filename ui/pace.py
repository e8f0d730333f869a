"""How quickly claims come: counts by second over the last minutes, bounded however many come."""

from collections import Counter
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

    def add(self, at: datetime, now: datetime) -> None:
        """Count a claim coded then; a clock ahead of ours counts as now, the distant past not at all."""
        now_s = int(now.timestamp())
        second = min(int(at.timestamp()), now_s)
        if second > now_s - WINDOW_S:
            self._by_second[second] += 1
        if len(self._by_second) > 2 * WINDOW_S:
            for old in [kept for kept in self._by_second if kept <= now_s - WINDOW_S]:
                del self._by_second[old]

    def rate(self, now: datetime) -> float:
        """Claims a second over the last RATE_S."""
        now_s = int(now.timestamp())
        return sum(n for s, n in self._by_second.items() if now_s - s < RATE_S) / RATE_S

    def bars(self, now: datetime) -> tuple[int, ...]:
        """Claims in each BAR_S, oldest first; the last bar is still growing."""
        last = int(now.timestamp()) // BAR_S
        bars = [0] * BARS
        for second, count in self._by_second.items():
            back = last - second // BAR_S
            if 0 <= back < BARS:
                bars[BARS - 1 - back] += count
        return tuple(bars)
