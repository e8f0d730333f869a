"""Processes that outlive their starter: found again, stopped, and never mistaken."""

import json
import os
import sys
from pathlib import Path

import psutil
import pytest

from clinical_coding.errors import EmbeddedServiceError
from runtime import processes
from tests.waiting import wait_for

SLEEPER = (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)")


def test_a_started_process_is_found_again_and_stopped(tmp_path: Path) -> None:
    started = processes.start("sleeper", SLEEPER, tmp_path)

    assert processes.find("sleeper", tmp_path) == started
    assert processes.state("sleeper", tmp_path) == "running"
    assert processes.stop("sleeper", tmp_path)
    assert processes.state("sleeper", tmp_path) == "stopped"
    assert not processes.stop("sleeper", tmp_path)


def test_a_stale_pid_never_stops_a_stranger(tmp_path: Path) -> None:
    """The PID is this very test's: its creation time does not agree, so it is left alone."""
    (tmp_path / "run").mkdir()
    row = {"pid": os.getpid(), "created": 1.0, "command": ["x"]}
    (tmp_path / "run" / "sleeper.json").write_text(json.dumps(row))

    assert processes.state("sleeper", tmp_path) == "crashed"
    assert not processes.stop("sleeper", tmp_path)


def test_a_process_that_died_is_crashed_and_its_log_says_its_last_line(tmp_path: Path) -> None:
    started = processes.start("short", (sys.executable, "-c", "print('oh no')"), tmp_path)
    os.waitpid(started.pid, 0)

    assert processes.state("short", tmp_path) == "crashed"
    assert processes.last_line("short", tmp_path) == "oh no"


def test_one_that_ended_is_not_running_though_nobody_asked_for_its_end(tmp_path: Path) -> None:
    """A zombie: its PID is still there, with its creation time."""
    started = processes.start("short", (sys.executable, "-c", ""), tmp_path)

    wait_for(lambda: processes.find("short", tmp_path) is None, 10, "it is a zombie")

    assert psutil.Process(started.pid).status() == psutil.STATUS_ZOMBIE
    assert not processes.stop("short", tmp_path)
    os.waitpid(started.pid, 0)


def test_one_that_ignores_sigterm_is_killed_with_its_children_after_the_deadline(
    tmp_path: Path,
) -> None:
    stubborn = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    processes.start("stubborn", (sys.executable, "-c", stubborn), tmp_path)
    wait_for(lambda: processes.last_line("stubborn", tmp_path) != "", 10, "its child runs")
    child = int(processes.last_line("stubborn", tmp_path))

    assert processes.stop("stubborn", tmp_path, timeout_s=0.2)

    assert processes.state("stubborn", tmp_path) == "stopped"
    wait_for(lambda: not _is_alive(child), 10, "its child is gone")


def test_the_last_line_of_a_log_is_the_one_that_tells_the_fault(tmp_path: Path) -> None:
    """The places that an exception passed through are no news."""
    log = processes.log_file("jvm", tmp_path)
    log.parent.mkdir()
    log.write_text("started\nCaused by: no such folder\n\tat a.B.c(B.java:7)\n\t... 3 more\n\n")

    assert processes.last_line("jvm", tmp_path) == "Caused by: no such folder"


def test_the_log_of_the_run_before_is_kept(tmp_path: Path) -> None:
    for word in ("first", "second"):
        started = processes.start("short", (sys.executable, "-c", f"print('{word}')"), tmp_path)
        os.waitpid(started.pid, 0)

    assert (tmp_path / "logs" / "short.previous.log").read_text() == "first\n"
    assert processes.last_line("short", tmp_path) == "second"


def test_a_program_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedServiceError, match="cannot start ghost"):
        processes.start("ghost", ("/nonexistent/program",), tmp_path)


def test_variables_reach_the_process_and_ctrl_c_here_does_not(tmp_path: Path) -> None:
    """It has a session of its own."""
    told = "import os; print(os.environ['CMC_X'], os.getsid(0) == os.getpid(), flush=True)"
    started = processes.start("told", (sys.executable, "-c", told), tmp_path, {"CMC_X": "given"})
    os.waitpid(started.pid, 0)

    assert processes.last_line("told", tmp_path) == "given True"


def _is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
