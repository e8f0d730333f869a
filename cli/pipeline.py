"""The pipeline's own processes as children of one command: started, watched, restarted, stopped."""

import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.error import URLError

from runtime import processes

WORKER, LANDING, UI = "worker", "landing", "ui"
MODULES = {WORKER: "streams", LANDING: "consumers.landing", UI: "ui"}
PROCESSES = tuple(MODULES)
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
LOOK_S = 1.0
CALM_S = 60.0  # a process that ran so long is started again at once


class Pipeline:
    """Keeps the processes of one demo running; one that ends is started again with back-off."""

    def __init__(self, state_dir: Path, variables: Mapping[str, str]) -> None:
        self._state_dir = state_dir
        self._variables = dict(variables)
        self._own: dict[str, dict[str, str]] = {}
        self._names: list[str] = []
        self._looked = 0.0
        self._started: dict[str, float] = {}
        self._wait_s: dict[str, float] = {}
        self.restarts = 0

    def start(self, name: str, variables: Mapping[str, str] | None = None) -> None:
        """Start one process; what a killed demo left of it is stopped first."""
        processes.stop(name, self._state_dir)
        self._own[name] = dict(variables or {})
        self._names.append(name)
        self._spawn(name)

    def answers(self, address: str) -> bool:
        """Whether an HTTP GET of the address is answered with success."""
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - a loopback address of ours
                return True
        except (URLError, OSError):
            return False

    def tell_logs(self, tell: Callable[[str], None]) -> None:
        """Say of each process where its log is and what it wrote last."""
        for name in self._names:
            log = processes.log_file(name, self._state_dir)
            tell(f"{name}: {log}: {processes.last_line(name, self._state_dir)}")

    def tend(self) -> None:
        """Start again what has ended, each no sooner than its back-off allows; cheap to call often."""
        if time.monotonic() - self._looked < LOOK_S:
            return
        self._looked = time.monotonic()
        for name in self._names:
            if processes.find(name, self._state_dir) is not None:
                continue
            ran_s = time.monotonic() - self._started[name]
            wait_s = FIRST_WAIT_S if ran_s > CALM_S else self._wait_s.get(name, FIRST_WAIT_S)
            if ran_s >= wait_s:
                self._wait_s[name] = min(2 * wait_s, LONGEST_WAIT_S)
                self.restarts += 1
                self._spawn(name)

    def stop(self) -> None:
        """Stop every process, the readers before the worker that feeds them."""
        for name in reversed(self._names):
            processes.stop(name, self._state_dir)
        self._names.clear()

    def _spawn(self, name: str) -> None:
        command = (sys.executable, "-m", MODULES[name])
        processes.start(name, command, self._state_dir, self._variables | self._own[name])
        self._started[name] = time.monotonic()


def process_states(state_dir: Path) -> dict[str, str]:
    """running, stopped or crashed for each process that a demo may have started."""
    return {name: processes.state(name, state_dir) for name in PROCESSES}
