"""Processes that outlive the command that started them: started, found again, stopped.

Each has a PID file ``<state>/run/<name>.json`` with its PID, the moment it was created and its
command, and a log ``<state>/logs/<name>.log``. A process is ours only if PID and moment both agree,
so a PID that the system gave to a stranger meanwhile is never signalled.
"""

import json
import os
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import psutil

from clinical_coding.errors import EmbeddedServiceError
from runtime.exit_status import FAILED

# The system keeps the moment in ticks since boot: a clock that was set meanwhile moves it a little.
SAME_MOMENT_S = 2.0
STOP_TIMEOUT_S = 20.0
TICK_S = 0.02

State = Literal["running", "stopped", "crashed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A process that we started; ``created`` is in seconds since the epoch."""

    pid: int
    created: float
    command: tuple[str, ...]


def start(
    name: str,
    command: Sequence[str],
    state_dir: Path,
    variables: Mapping[str, str] | None = None,
) -> Started:
    """Start a process in a session of its own, so that Ctrl-C here does not reach it.

    ``variables`` come on top of this process's environment. Its output goes to its log; the log of
    the run before is kept as ``<name>.previous.log``. One of the same name must not be running.
    Raises EmbeddedServiceError when the program or the state folder cannot be used.
    """
    environment = os.environ | dict(variables or {})  # noqa: TID251 - handed on, not read
    try:
        log = _fresh_log(name, state_dir)
        _pid_file(name, state_dir).parent.mkdir(parents=True, exist_ok=True)
        pid = os.posix_spawnp(
            command[0],
            list(command),
            environment,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
            setsigdef=[signal.SIGINT, signal.SIGPIPE],
        )
        return _record(name, pid, tuple(command), state_dir)
    except OSError as error:
        raise EmbeddedServiceError(
            f"cannot start {name} ({command[0]}) in {state_dir}: {error.strerror}; check that the "
            "program is there and that the folder can be written and has space"
        ) from None


def find(name: str, state_dir: Path) -> Started | None:
    """The running process of this name that we started, None when there is none."""
    started = _recorded(name, state_dir)
    return started if started is not None and _is_running(started) else None


def state(name: str, state_dir: Path) -> State:
    """Crashed means: it was started, never stopped by us, and is not there any more."""
    started = _recorded(name, state_dir)
    if started is None:
        return "stopped"
    return "running" if _is_running(started) else "crashed"


def stop(name: str, state_dir: Path, timeout_s: float = STOP_TIMEOUT_S) -> bool:
    """End the process: SIGTERM, after the deadline SIGKILL to it and its children.

    Returns whether one was running. It and its PID file are gone when this returns; a stranger
    under a stale PID is left alone.
    """
    started = find(name, state_dir)
    if started is not None:
        _end(started, timeout_s)
    _pid_file(name, state_dir).unlink(missing_ok=True)
    return started is not None


def this_process() -> tuple[int, float]:
    """PID and moment of creation of the process that asks."""
    return os.getpid(), psutil.Process().create_time()


def is_alive(pid: int, created: float) -> bool:
    """Whether the very process that was created then, no stranger under its PID, is there and no zombie."""
    try:
        process = psutil.Process(pid)
        moved_s = abs(process.create_time() - created)
        return moved_s < SAME_MOMENT_S and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def exit_status(started: Started) -> int | None:
    """What our own child ended with, negative for a signal; None while it runs.

    1 when it is gone and somebody else was told what it ended with.
    """
    try:
        pid, status = os.waitpid(started.pid, os.WNOHANG)
    except ChildProcessError:
        return None if _is_running(started) else FAILED
    return os.waitstatus_to_exitcode(status) if pid else None


def kill(pid: int) -> None:
    """End a child of ours at once, and with it all that it has started; a stopped one too."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for one in (*process.children(recursive=True), process):
            with suppress(psutil.NoSuchProcess):
                one.kill()


def log_file(name: str, state_dir: Path) -> Path:
    """Where the process of this name writes its log."""
    return state_dir / "logs" / f"{name}.log"


def last_line(name: str, state_dir: Path) -> str:
    """The last line of a process's log that tells something, "" when there is none.

    Where a trace of a failure is passed through tells a user nothing.
    """
    try:
        lines = log_file(name, state_dir).read_text(errors="replace").split("\n")
    except OSError:
        return ""
    told = (line.strip() for line in reversed(lines))
    return next((line for line in told if line and not line.startswith(("at ", "... "))), "")


def _end(started: Started, timeout_s: float) -> None:
    """Returns once it is gone; it may have gone by itself meanwhile."""
    with suppress(ProcessLookupError):
        os.kill(started.pid, signal.SIGTERM)
        if not _is_over(started, timeout_s):
            os.killpg(started.pid, signal.SIGKILL)  # it leads a group: its children too
            _is_over(started, timeout_s)


def _is_over(started: Started, timeout_s: float) -> bool:
    """Wait for its end; a zombie is over, whether or not its parent ever asks for it."""
    deadline = time.monotonic() + timeout_s
    while _is_running(started):
        if time.monotonic() > deadline:
            return False
        time.sleep(TICK_S)
    with suppress(ChildProcessError):  # not a child of this process
        os.waitpid(started.pid, os.WNOHANG)
    return True


def _record(name: str, pid: int, command: tuple[str, ...], state_dir: Path) -> Started:
    try:
        created = psutil.Process(pid).create_time()
        started = Started(pid=pid, created=created, command=command)
        made = _pid_file(name, state_dir).with_suffix(".new")
        made.write_text(json.dumps(asdict(started)))
        made.replace(_pid_file(name, state_dir))
    except BaseException:
        os.kill(pid, signal.SIGKILL)  # unrecorded, it would never be found again
        os.waitpid(pid, 0)
        raise
    return started


def _recorded(name: str, state_dir: Path) -> Started | None:
    try:
        row = json.loads(_pid_file(name, state_dir).read_text())
        return Started(
            pid=int(row["pid"]), created=float(row["created"]), command=tuple(row["command"])
        )
    except (FileNotFoundError, ValueError, KeyError):
        return None


def _is_running(started: Started) -> bool:
    return is_alive(started.pid, started.created)


def _fresh_log(name: str, state_dir: Path) -> Path:
    log = log_file(name, state_dir)
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
    return log


def _pid_file(name: str, state_dir: Path) -> Path:
    return state_dir / "run" / f"{name}.json"
