"""The pipeline's own processes as children of one command: started, supervised, stopped."""

import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.error import URLError

from clinical_coding.errors import MisconfiguredError
from runtime import processes
from runtime.exit_status import MISCONFIGURED
from runtime.process_health import PORT_VARIABLES, PROCESSES, ask_health, choose_port
from runtime.supervision import Child, Ended, Supervised

WORKER, LANDING, UI = PROCESSES
MODULES = {WORKER: "streams", LANDING: "consumers.landing", UI: "ui"}
LOOK_S = 1.0


class Pipeline:
    """Keeps the processes of one demo running, as runtime/supervision.py says."""

    def __init__(
        self, state_dir: Path, variables: Mapping[str, str], told: Callable[[Ended], None]
    ) -> None:
        self._state_dir = state_dir
        self._variables = dict(variables)
        self._told = told
        self._supervised: dict[str, Supervised] = {}
        self._looked = 0.0

    def start(self, name: str, variables: Mapping[str, str] | None = None) -> None:
        """Start one process; what a killed demo left of it is stopped first."""
        processes.stop(name, self._state_dir)
        own = self._variables | dict(variables or {})
        answers = name in PORT_VARIABLES
        if answers:
            own[PORT_VARIABLES[name]] = str(choose_port(name, self._state_dir))
        self._supervised[name] = Supervised(
            name,
            partial(self._spawn, name, own),
            health=partial(ask_health, name, self._state_dir) if answers else None,
            told=self._told,
        )

    def answers(self, address: str) -> bool:
        """Whether an HTTP GET of the address is answered with success."""
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - a loopback address of ours
                return True
        except (URLError, OSError):
            return False

    def tell_logs(self, tell: Callable[[str], None]) -> None:
        """Say of each process where its log is and what it wrote last."""
        for name in self._supervised:
            tell(self._log_of(name))

    def tend(self) -> None:
        """Start again what has failed, each no sooner than its back-off allows; cheap to call often.

        Raises MisconfiguredError when a process says that no restart would help it.
        """
        if time.monotonic() - self._looked < LOOK_S:
            return
        self._looked = time.monotonic()
        for name, one in self._supervised.items():
            one.tend()
            if one.over == MISCONFIGURED:
                raise MisconfiguredError(
                    f"expected {name} to run; got status {MISCONFIGURED}; {self._log_of(name)}"
                )

    def stop(self) -> None:
        """Stop every process, the readers before the worker that feeds them."""
        for name in reversed(self._supervised):
            processes.stop(name, self._state_dir)
        self._supervised.clear()

    def _spawn(self, name: str, variables: Mapping[str, str]) -> Child:
        command = (sys.executable, "-m", MODULES[name])
        return _Started(processes.start(name, command, self._state_dir, variables))

    def _log_of(self, name: str) -> str:
        log = processes.log_file(name, self._state_dir)
        return f"{name}: {log}: {processes.last_line(name, self._state_dir)}"


@dataclass(frozen=True, slots=True)
class _Started:
    """A process with a PID file as a supervised child."""

    started: processes.Started

    def exit_status(self) -> int | None:
        return processes.exit_status(self.started)

    def kill(self) -> None:
        processes.kill(self.started.pid)
