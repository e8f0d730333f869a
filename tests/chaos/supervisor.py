"""Starts the processes of a run, starts again what has ended, and hurts one when told to.

What a cluster's manager would do, with back-off: unlike ``runtime/supervision.py`` it also starts
again what was asked to stop, since that is one of the faults. A process that does not end when it is
asked to, or that says that a restart would not help, is counted as one that needs a hand.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from runtime.exit_status import MISCONFIGURED

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 10.0
CALM_S = 20.0  # a process that ran so long is started again after the first wait
END_WITHIN_S = 60.0  # after SIGTERM
GO_WITHIN_S = 15.0  # when everything is stopped


@dataclass(slots=True, kw_only=True)
class Watched:
    """One process as it is to run."""

    command: Sequence[str]
    variables: Mapping[str, str]
    running: subprocess.Popen[bytes]
    started_at: float
    to_its_end: bool  # an end with status 0 is the end
    wanted: bool = True
    ended_at: float | None = None
    asked_at: float | None = None  # when SIGTERM was sent
    wait_s: float = FIRST_WAIT_S
    ends: list[int] = field(default_factory=list)


class Supervisor:
    """The processes of one run; their logs lie in ``folder``, all lives of one in one file."""

    def __init__(self, folder: Path, tell: Callable[[str], None]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._tell = tell
        self._watched: dict[str, Watched] = {}
        self._sessions: set[int] = set()
        self.hands: list[str] = []

    def start(
        self,
        name: str,
        command: Sequence[str],
        variables: Mapping[str, str],
        *,
        to_its_end: bool = False,
    ) -> None:
        """Start a process and keep it running, or, ``to_its_end``, until it ends with status 0.

        One that runs under the same name is killed first.
        """
        if name in self._watched:
            self.kill(name)
            self._watched[name].running.wait()
        self._watched[name] = Watched(
            command=command,
            variables=variables,
            running=self._spawned(name, command, variables),
            started_at=time.monotonic(),
            to_its_end=to_its_end,
        )

    def tend(self) -> None:
        """Start again what has ended, each no sooner than its back-off allows; cheap to call often."""
        for name, watched in self._watched.items():
            self._look(name, watched)
            if watched.ended_at is None or not watched.wanted:
                continue
            if time.monotonic() - watched.ended_at >= watched.wait_s:
                watched.wait_s = min(max(FIRST_WAIT_S, 2 * watched.wait_s), LONGEST_WAIT_S)
                self._again(name, watched)

    def kill(self, name: str) -> None:
        """End the process itself with SIGKILL; a child of its own may live on."""
        self._watched[name].running.kill()

    def terminate(self, name: str) -> None:
        """Ask the process to end."""
        self._watched[name].running.terminate()
        self._watched[name].asked_at = time.monotonic()

    def pause(self, name: str) -> None:
        """Stop the process and its children where they are."""
        self._signal(name, signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """Let them go on."""
        self._signal(name, signal.SIGCONT)

    def hold(self, name: str) -> None:
        """Do not start it again until it is released."""
        self._watched[name].wanted = False

    def release(self, name: str) -> None:
        """Start it at once, if it has ended, and keep it running again."""
        watched = self._watched[name]
        watched.wanted = True
        watched.wait_s = 0.0
        self.tend()

    def is_over(self, name: str) -> bool:
        """Whether it has ended and will not be started again."""
        watched = self._watched[name]
        return watched.ended_at is not None and not watched.wanted

    def is_up(self, name: str) -> bool:
        """Whether it runs, as far as was seen when it was last tended."""
        return self._watched[name].ended_at is None

    def ends(self, name: str) -> list[int]:
        """The exit status of every end so far, negative for a signal."""
        return list(self._watched[name].ends)

    def log(self, name: str) -> Path:
        """Where the process writes."""
        return self._folder / f"{name}.log"

    def stop(self) -> None:
        """End everything that was ever started here, children of the killed included."""
        for watched in self._watched.values():
            watched.wanted = False
        for process in self._all(self._sessions):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)
                process.terminate()
        _, left = psutil.wait_procs(self._all(self._sessions), timeout=GO_WITHIN_S)
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        for watched in self._watched.values():
            watched.running.wait(GO_WITHIN_S)

    def _look(self, name: str, watched: Watched) -> None:
        """Note an end, and end what does not end by itself."""
        now, status = time.monotonic(), watched.running.poll()
        if status is None:
            if watched.asked_at is not None and now - watched.asked_at > END_WITHIN_S:
                self._needs_hand(name, f"did not end {END_WITHIN_S:.0f} s after SIGTERM")
                watched.asked_at = None
                self.kill(name)
            return
        if watched.ended_at is not None:
            return
        watched.ended_at, watched.asked_at = now, None
        watched.ends.append(status)
        self._tell(f"{name} ended with {status}")
        if now - watched.started_at > CALM_S:
            watched.wait_s = FIRST_WAIT_S
        if status == MISCONFIGURED:
            self._needs_hand(name, f"ended with {status}: a restart would not help")
        if status == 0 and watched.to_its_end:
            watched.wanted = False

    def _needs_hand(self, name: str, why: str) -> None:
        self.hands.append(f"{name} {why}")
        self._tell(self.hands[-1])

    def _again(self, name: str, watched: Watched) -> None:
        watched.running = self._spawned(name, watched.command, watched.variables)
        watched.started_at, watched.ended_at, watched.asked_at = time.monotonic(), None, None

    def _spawned(
        self, name: str, command: Sequence[str], variables: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        """In a session of its own, so that Ctrl-C here does not reach it."""
        with self.log(name).open("ab") as log:
            started = subprocess.Popen(
                command,
                env=os.environ | dict(variables),  # noqa: TID251 - handed on
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._sessions.add(started.pid)
        return started

    def _signal(self, name: str, number: signal.Signals) -> None:
        for process in self._all({self._watched[name].running.pid}):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    @staticmethod
    def _all(sessions: set[int]) -> list[psutil.Process]:
        """Everything alive in these sessions."""
        return [process for process in psutil.process_iter() if _session(process) in sessions]


def _session(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except (ProcessLookupError, PermissionError):
        return None
