"""The supervisor of a run: what ends is started again, and nothing outlives it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from runtime.exit_status import MISCONFIGURED
from tests.chaos.supervisor import Supervisor
from tests.waiting import wait_for

SLEEPS = (sys.executable, "-c", "import time; time.sleep(60)")
CHILD = (
    "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
)


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    made = Supervisor(tmp_path, lambda _: None)
    yield made
    made.stop()


def _tended(supervisor: Supervisor, name: str, lives: int) -> bool:
    supervisor.tend()
    return len(supervisor.ends(name)) >= lives


def test_a_process_that_ends_is_started_again(supervisor: Supervisor) -> None:
    supervisor.start("short", (sys.executable, "-c", "exit(3)"), {})

    wait_for(lambda: _tended(supervisor, "short", 2), 20, "a second life")
    assert supervisor.ends("short")[:2] == [3, 3]
    assert supervisor.hands == []


def test_a_process_that_has_done_its_work_is_not(supervisor: Supervisor) -> None:
    supervisor.start("work", (sys.executable, "-c", ""), {}, to_its_end=True)

    wait_for(lambda: _tended(supervisor, "work", 1), 20, "its end")
    assert supervisor.is_over("work")


def test_a_process_that_says_that_a_restart_will_not_help_needs_a_hand(
    supervisor: Supervisor,
) -> None:
    supervisor.start("wrong", (sys.executable, "-c", f"exit({MISCONFIGURED})"), {})

    wait_for(lambda: _tended(supervisor, "wrong", 1), 20, "its end")
    assert len(supervisor.hands) == 1


def test_a_process_that_is_held_stays_away_until_it_is_released(supervisor: Supervisor) -> None:
    supervisor.start("held", SLEEPS, {})
    supervisor.hold("held")
    supervisor.kill("held")

    wait_for(lambda: _tended(supervisor, "held", 1), 20, "its end")
    assert supervisor.is_over("held")
    supervisor.release("held")
    assert not supervisor.is_over("held")


def test_nothing_outlives_the_supervisor_be_it_paused_or_the_child_of_a_killed_one(
    tmp_path: Path,
) -> None:
    supervisor = Supervisor(tmp_path, lambda _: None)
    others = set(psutil.Process().children(recursive=True))
    supervisor.start("parent", (sys.executable, "-c", CHILD), {})
    supervisor.start("paused", SLEEPS, {})
    wait_for(lambda: len(_ours(others)) == 3, 20, "a child")
    processes = _ours(others)

    supervisor.kill("parent")
    supervisor.pause("paused")
    supervisor.stop()

    assert not [process for process in processes if process.is_running()]


def _ours(others: set[psutil.Process]) -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True)) - others
