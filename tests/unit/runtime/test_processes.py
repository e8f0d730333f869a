"""Processes that outlive their starter: found again, stopped, and never mistaken."""

import json
import os
import sys
from pathlib import Path

import pytest

from clinical_coding.errors import EmbeddedServiceError
from runtime import processes

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


def test_a_program_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedServiceError, match="cannot start ghost"):
        processes.start("ghost", ("/nonexistent/program",), tmp_path)


def test_variables_reach_the_process_and_ctrl_c_here_does_not(tmp_path: Path) -> None:
    """It has a session of its own."""
    told = "import os; print(os.environ['CMC_X'], os.getsid(0) == os.getpid(), flush=True)"
    started = processes.start("told", (sys.executable, "-c", told), tmp_path, {"CMC_X": "given"})
    os.waitpid(started.pid, 0)

    assert processes.last_line("told", tmp_path) == "given True"
