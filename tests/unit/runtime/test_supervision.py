"""Who is started again, when, and who is left."""

import signal
from dataclasses import dataclass, field

import pytest

from runtime.exit_status import FAILED, INTERRUPTED, MISCONFIGURED, STALLED
from runtime.health import Health
from runtime.supervision import (
    CALM_S,
    LONGEST_WAIT_S,
    NOT_LIVE_S,
    PROBE_S,
    START_S,
    Child,
    Ended,
    Supervised,
)
from tests.fakes.clocks import FakeClock

LIVE = Health(live=True, ready=True)
STANDS_STILL = Health(live=False, ready=False, reason="none of 7")


@dataclass(slots=True)
class FakeChild:
    """Meets Child: runs until it is given a status or killed."""

    status: int | None = None

    def exit_status(self) -> int | None:
        """As set."""
        return self.status

    def kill(self) -> None:
        """It is over."""
        self.status = -signal.SIGKILL


@dataclass(slots=True)
class World:
    """A supervised process whose ends and whose time are ours."""

    clock: FakeClock = field(default_factory=FakeClock)
    children: list[FakeChild] = field(default_factory=list)
    health: Health | None = None
    told: list[Ended] = field(default_factory=list)

    def supervised(self) -> Supervised:
        """It runs."""
        return Supervised(
            "worker",
            self._start,
            health=lambda: self.health,
            told=self.told.append,
            clock_s=self.clock,
        )

    def _start(self) -> Child:
        self.children.append(FakeChild())
        return self.children[-1]


def waits_s(
    world: World, one: Supervised, status: int, ends: int, ran_s: float = 0.0
) -> list[float]:
    """How long it is left alone after each of so many ends."""
    for _ in range(ends):
        world.clock.now_s += ran_s
        world.children[-1].status = status
        one.tend()
        wait_s = world.told[-1].again_in_s
        assert wait_s is not None
        world.clock.now_s += wait_s
        one.tend()
    return [ended.again_in_s or 0.0 for ended in world.told]


@pytest.mark.parametrize("status", [FAILED, STALLED, -signal.SIGKILL, -signal.SIGSEGV, 137])
def test_one_that_failed_stood_still_or_was_killed_is_started_again_ever_more_slowly(
    status: int,
) -> None:
    world = World()
    one = world.supervised()

    assert waits_s(world, one, status, 7) == [1, 2, 4, 8, 16, 30, LONGEST_WAIT_S]
    assert len(world.children) == 8
    assert one.over is None


def test_it_is_not_started_before_its_time() -> None:
    world = World()
    one = world.supervised()
    world.children[-1].status = FAILED
    one.tend()
    world.clock.now_s += 0.9
    one.tend()

    assert len(world.children) == 1


def test_after_a_calm_while_it_is_started_again_as_soon_as_the_first_time() -> None:
    world = World()
    one = world.supervised()
    waits_s(world, one, FAILED, 4)

    assert waits_s(world, one, FAILED, 1, ran_s=CALM_S + 1)[-1] == 1


@pytest.mark.parametrize(
    "status", [0, -signal.SIGTERM, -signal.SIGINT, INTERRUPTED, 128 + signal.SIGTERM]
)
def test_one_that_was_asked_to_stop_is_left(status: int) -> None:
    world = World()
    one = world.supervised()
    world.children[-1].status = status
    one.tend()
    world.clock.now_s += 1000
    one.tend()

    assert (one.over, len(world.children)) == (0, 1)
    assert world.told[0].again_in_s is None


def test_one_that_is_misconfigured_is_left_with_its_status() -> None:
    world = World()
    one = world.supervised()
    world.children[-1].status = MISCONFIGURED
    one.tend()

    assert one.over == MISCONFIGURED
    assert str(world.told[0]) == "worker ended with status 78, left so"


@pytest.mark.parametrize("health", [None, STANDS_STILL], ids=["silent", "not live"])
def test_one_that_was_live_and_is_no_more_is_killed_and_started_again(
    health: Health | None,
) -> None:
    """Stopped by a signal, or hung where its own watchdog cannot run."""
    world = World(health=LIVE)
    one = world.supervised()
    for _ in range(3):
        world.clock.now_s += PROBE_S
        one.tend()
    world.health = health
    for _ in range(int(NOT_LIVE_S / PROBE_S)):
        world.clock.now_s += PROBE_S
        one.tend()
    assert world.children[0].status is None

    world.clock.now_s += PROBE_S
    one.tend()
    one.tend()
    world.clock.now_s += 1
    one.tend()

    assert str(world.told[0]) == "worker ended with signal 9, again in 1 s"
    assert len(world.children) == 2


def test_one_that_was_never_live_may_take_longer_but_not_for_ever() -> None:
    """A first start encodes the titles of all codes: that takes minutes."""
    world = World(health=None)
    one = world.supervised()
    world.clock.now_s += START_S
    one.tend()
    assert world.children[0].status is None

    world.clock.now_s += 1
    one.tend()
    assert world.children[0].status == -signal.SIGKILL


def test_one_that_is_left_is_not_started_again_whatever_it_ends_with() -> None:
    world = World()
    one = world.supervised()
    one.leave()
    world.children[-1].status = STALLED
    one.tend()

    assert (one.over, len(world.children)) == (STALLED, 1)


def test_one_that_is_left_while_it_waits_for_its_next_start_is_over() -> None:
    world = World()
    one = world.supervised()
    world.children[-1].status = FAILED
    one.tend()
    one.leave()

    assert one.over == 0
