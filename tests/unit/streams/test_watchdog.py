"""What stands still for too long, and what may."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from clinical_coding.errors import StalledError
from runtime import logs
from runtime.exit_status import STALLED, status_of
from runtime.metrics import WorkerMetrics
from streams.records import Incoming
from streams.vitals import Vitals
from streams.watchdog import ALONE, SLOWEST_BYTES_PER_S, Watchdog
from tests.fakes.clocks import FakeClock
from tests.fakes.group import FakePlaces

STALL_S = 60.0


@pytest.fixture(autouse=True)
def strict_logs() -> None:
    """A log key that is not allowed is an error."""
    logs.configure("worker", strict=True)


class Watched:
    """A watchdog with a broker and a clock that do as they are told; None for no place in the group."""

    def __init__(self, places: dict[int, tuple[int, int]] | None) -> None:
        self.group = FakePlaces()
        self.clock = FakeClock()
        self.vitals = Vitals(WorkerMetrics(), clock_s=self.clock)
        self.dog = Watchdog(self.group, self.vitals, STALL_S)
        self.after(0, places)

    def after(
        self, seconds: float, places: dict[int, tuple[int, int]] | None, *, settled: bool = False
    ) -> None:
        """The next look, so much later; whether a batch was settled just before."""
        self.clock.now_s += seconds
        if settled:
            self.vitals.settled([], [])
        self.group.places = places or {}
        self.vitals.owned = None if places is None else frozenset(places)
        self.dog.look()


def batch(size_bytes: int) -> Sequence[Incoming]:
    """One record of that size."""
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    return [
        Incoming(
            topic="t",
            partition=0,
            offset=0,
            timestamp=moment,
            key=None,
            value=b"x" * size_bytes,
            headers=(),
        ),
    ]


def test_notes_that_wait_while_none_is_acknowledged_are_a_stall_with_a_status_of_its_own() -> None:
    watched = Watched({0: (5, 9)})
    watched.after(STALL_S, {0: (5, 12)})

    assert watched.dog.health().live
    with pytest.raises(StalledError, match="none of 7 for 61 s") as told:
        watched.after(1, {0: (5, 12)})

    assert not watched.dog.health().live
    assert status_of(told.value) == STALLED


def test_who_has_nothing_to_do_is_live_for_ever() -> None:
    watched = Watched({0: (9, 9)})
    watched.after(100 * STALL_S, {0: (9, 9)})

    assert watched.dog.health() == watched.dog.health()
    assert watched.dog.health().live
    assert watched.dog.health().ready


def test_a_note_after_a_long_pause_has_all_the_time_of_any_other() -> None:
    watched = Watched({0: (9, 9)})
    watched.after(100 * STALL_S, {0: (9, 9)})
    watched.after(STALL_S, {0: (9, 10)})

    assert watched.dog.health().live


def test_a_worker_that_is_slow_but_moves_is_never_ended_however_large_its_lag() -> None:
    watched = Watched({0: (0, 10**6)})
    for done in range(1, 20):
        watched.after(STALL_S - 1, {0: (done, 10**6 + done * 50)}, settled=True)

    assert watched.dog.health().live


def test_one_partition_that_never_moves_is_a_stall_too_though_later_than_all_of_them() -> None:
    """Some of the assigned partitions stop while others go on: faust-streaming issue 471."""
    watched = Watched({0: (0, 9), 1: (0, 10**6)})
    for step in range(1, ALONE + 1):
        watched.after(STALL_S, {0: (0, 9), 1: (step, 10**6)}, settled=True)

    with pytest.raises(StalledError, match="none of partition 0"):
        watched.after(1, {0: (0, 9), 1: (99, 10**6)}, settled=True)


@pytest.mark.parametrize("settled", [True, False], ids=["commits stay", "others commit"])
def test_notes_that_are_settled_and_not_committed_or_committed_by_others_are_a_stall(
    *, settled: bool
) -> None:
    """Commits that stop, and a worker whose partitions others took over without its knowing."""
    watched = Watched({0: (0, 10**6)})
    moved = 0 if settled else 9
    with pytest.raises(StalledError):
        watched.after(STALL_S + 1, {0: (moved, 10**6)}, settled=settled)


def test_a_worker_that_never_gets_its_place_in_the_group_is_a_stall() -> None:
    """It polls no more, or waits in a rebalance that never ends: others may do its work meanwhile."""
    watched = Watched(None)
    assert not watched.dog.health().ready

    with pytest.raises(StalledError, match="no place in the group for 61 s"):
        watched.after(STALL_S + 1, None)


def test_a_worker_without_partitions_waits_for_one_and_is_not_ready() -> None:
    watched = Watched({})
    watched.after(100 * STALL_S, {})

    health = watched.dog.health()
    assert (health.live, health.ready) == (True, False)
    assert "more workers than partitions" in health.reason


def test_while_the_broker_is_away_nothing_is_held_against_the_worker() -> None:
    """When it is back, the time begins anew."""
    watched = Watched({0: (5, 9)})
    watched.group.is_away = True
    watched.after(100 * STALL_S, {0: (5, 9)})
    health = watched.dog.health()
    assert (health.live, health.ready, health.lag) == (True, False, None)

    watched.group.is_away = False
    watched.after(STALL_S, {0: (5, 9)})
    assert watched.dog.health().live
    with pytest.raises(StalledError):
        watched.after(1, {0: (5, 9)})


def test_a_batch_of_long_notes_has_more_time_as_long_as_it_is_in_hand() -> None:
    watched = Watched({0: (0, 9)})
    with watched.vitals.batch(batch(30 * SLOWEST_BYTES_PER_S)):
        watched.after(STALL_S + 29, {0: (0, 9)})
        with pytest.raises(StalledError, match="1 in hand for 91 s"):
            watched.after(2, {0: (0, 9)})


def test_a_watchdog_that_looks_no_more_is_not_live() -> None:
    watched = Watched({0: (9, 9)})
    watched.clock.now_s += STALL_S + 1

    assert not watched.dog.health().live
    assert "no look" in watched.dog.health().reason


def test_lag_and_standstill_are_told_and_a_partition_that_went_away_is_told_no_more() -> None:
    watched = Watched({0: (5, 9), 1: (0, 0)})
    value = watched.vitals.metrics.registry.get_sample_value
    assert value("cmc_worker_lag_records", {"partition": "0"}) == 4

    watched.after(7, {1: (0, 3)})

    assert value("cmc_worker_lag_records", {"partition": "0"}) is None
    assert value("cmc_worker_lag_records", {"partition": "1"}) == 3
    assert value("cmc_worker_standstill_seconds") == 7
    assert value("cmc_worker_partitions") == 1
