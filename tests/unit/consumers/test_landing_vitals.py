"""When a landing is live, when it is ready, and how far it is behind."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from clinical_coding.errors import BrokerError
from consumers.landing.vitals import LOOK_S, LandingVitals, landed_offsets
from runtime.metrics import LandingMetrics
from tests.fakes.clocks import FakeClock

STALL_S = 600.0


@dataclass(slots=True)
class FakeQuery:
    """Meets Query: has landed so far."""

    landed: Mapping[int, int] | None = None

    @property
    def lastProgress(self) -> object:  # noqa: N802 - Spark's name
        """As Spark tells it."""
        if self.landed is None:
            return None
        told = {str(n): at for n, at in self.landed.items()}
        return {"batchId": 1, "sources": [{"endOffset": {"coding.claim.coded.v1": told}}]}


@dataclass(slots=True)
class World:
    """A topic, a query and a clock that do as they are told."""

    ends: dict[int, tuple[int, int]] | None = field(default_factory=lambda: {0: (0, 9), 1: (5, 7)})
    query: FakeQuery = field(default_factory=FakeQuery)
    clock: FakeClock = field(default_factory=FakeClock)

    def vitals(self) -> LandingVitals:
        """Nothing was looked at yet."""
        return LandingVitals(LandingMetrics(), self._ask, STALL_S, self.clock)

    def after(self, seconds: float, vitals: LandingVitals) -> None:
        """The next look, so much later."""
        self.clock.now_s += seconds
        vitals.look(self.query)

    def _ask(self) -> dict[int, tuple[int, int]]:
        if self.ends is None:
            raise BrokerError("expected a broker; got none; start it")
        return self.ends


def test_it_is_live_and_not_ready_until_the_first_trigger_has_ended() -> None:
    world = World()
    vitals = world.vitals()
    assert (vitals.health().live, vitals.health().ready) == (True, False)

    world.after(1, vitals)
    assert vitals.health().reason == "no batch yet"

    world.query.landed = {0: 4}
    world.after(1, vitals)
    assert vitals.health().ready
    assert (
        vitals.health().lag == 5 + 2
    )  # a partition that it has not met begins at its first record


def test_claims_that_wait_while_none_lands_make_it_not_live() -> None:
    world = World(query=FakeQuery({0: 4, 1: 7}))
    vitals = world.vitals()
    world.after(0, vitals)
    world.after(STALL_S, vitals)
    assert vitals.health().live
    world.after(LOOK_S, vitals)

    health = vitals.health()
    assert (health.live, health.ready) == (False, False)
    assert health.reason == "no claim landed for 610 s"
    assert vitals.metrics.registry.get_sample_value("cmc_landing_standstill_seconds") == 610


def test_with_nothing_to_land_it_is_live_for_ever() -> None:
    world = World(query=FakeQuery({0: 9, 1: 7}))
    vitals = world.vitals()
    for _ in range(3):
        world.after(STALL_S, vitals)

    assert vitals.health().ready
    assert vitals.health().lag == 0


def test_a_first_trigger_that_never_ends_is_not_live() -> None:
    world = World()
    vitals = world.vitals()
    world.after(STALL_S + 1, vitals)

    assert not vitals.health().live


def test_an_absent_broker_is_not_held_against_it_but_it_is_not_ready() -> None:
    world = World(query=FakeQuery({0: 4, 1: 7}))
    vitals = world.vitals()
    world.after(0, vitals)
    world.ends = None
    world.after(10 * STALL_S, vitals)

    health = vitals.health()
    assert (health.live, health.ready, health.lag) == (True, False, None)


def test_a_main_loop_that_hangs_is_not_live() -> None:
    """In a call to Spark's Java side that never comes back."""
    world = World(query=FakeQuery({0: 9, 1: 7}))
    vitals = world.vitals()
    world.after(0, vitals)
    world.clock.now_s += STALL_S + 1

    assert vitals.health().reason == "no look for 601 s"


@pytest.mark.parametrize("told", ['{"t": {"0": 3}}', {"t": {"0": 3}}])
def test_offsets_are_read_as_spark_tells_them(told: object) -> None:
    assert landed_offsets({"sources": [{"endOffset": told}]}) == {0: 3}
    assert landed_offsets({"sources": [{"endOffset": "null"}]}) is None
