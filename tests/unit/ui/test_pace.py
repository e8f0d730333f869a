"""The rate and the bars: by the time of coding, bounded."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.pace import BARS, RATE_S, WINDOW_S, Pace

NOW = datetime(2026, 3, 2, 15, 5, 2, tzinfo=UTC)


def _pace(*ago_s: float) -> Pace:
    pace = Pace()
    for ago in ago_s:
        pace.add(NOW - timedelta(seconds=ago), NOW)
    return pace


@given(st.lists(st.integers(-100, 3 * WINDOW_S), max_size=50))
def test_the_rate_is_what_counting_the_last_minute_gives(ago_s: list[int]) -> None:
    """A clock ahead of ours counts as now."""
    assert _pace(*ago_s).rate(NOW) == pytest.approx(sum(ago < RATE_S for ago in ago_s) / RATE_S)


def test_history_that_is_read_at_start_is_no_burst() -> None:
    pace = _pace(*range(100, 150))

    assert pace.rate(NOW) == 0.0
    assert sum(pace.bars(NOW)) == 50


def test_the_bars_are_of_whole_multiples_of_five_seconds_oldest_first() -> None:
    """At :02 the last bar holds :00 to :02, the one before it :55 to :59."""
    bars = _pace(0, 2, 3, 7, 8).bars(NOW)

    assert (len(bars), bars[-3:]) == (BARS, (1, 2, 2))


@given(st.lists(st.integers(0, 10_000), max_size=2000))
def test_memory_does_not_grow_with_time(steps_s: list[int]) -> None:
    pace, now = Pace(), NOW
    for step in steps_s:
        now += timedelta(seconds=step % 3)
        pace.add(now, now)

    assert len(pace._by_second) <= 2 * WINDOW_S  # noqa: SLF001 - the bound is the law
