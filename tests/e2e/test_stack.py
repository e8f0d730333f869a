"""docker-compose.yml on a Docker engine; `make stack` runs it, `make test` leaves it out."""

import urllib.request

import pytest

from runtime.settings import ServicesUnderTest, read
from tests.compose_stack import running_stack
from tests.waiting import wait_for

NOTES = 1000
RATE = 25  # notes a second: they flow for as long as workers come and go

pytestmark = [
    pytest.mark.skipif(
        read(ServicesUnderTest).services != "containers", reason="asked for by make containers"
    ),
    pytest.mark.timeout(540),
]


def test_nothing_is_missing_when_workers_come_and_go_and_a_broker_of_three_dies() -> None:
    with running_stack() as stack:
        page = f"http://127.0.0.1:{stack.variables['UI_PORT']}/_stcore/health"
        with urllib.request.urlopen(page, timeout=5) as answer:  # noqa: S310 - our own page
            assert answer.status == 200
        rated = ("--synthetic", str(NOTES), "--seed", "7", "--rate", str(RATE))
        with stack.start("run", "--rm", "-T", "--no-deps", "cli", "publish", *rated) as publishing:
            wait_for(lambda: stack.in_flight() > 0, 60, "a batch in flight")
            stack.scale(3)
            wait_for(lambda: stack.in_flight() > 0, 60, "a batch in flight")
            stack.compose("kill", "--signal", "KILL", "kafka-1")
            stack.scale(1)
            said, _ = publishing.communicate(timeout=120)
        assert publishing.returncode == 0, said
        counts = stack.reconciled(wait_s=120)
        assert (counts["notes"], counts["claims"], counts["landed"]) == (NOTES, NOTES, NOTES)
        assert not counts["missing"] + counts["doubled"] + counts["in_flight"], counts
    assert stack.left() == []
