"""Where the processes of this machine answer for their health, and what they say."""

from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override

from clinical_coding.errors import StorageError
from runtime import health, processes
from runtime.embedded import ports
from runtime.health import Health
from runtime.settings import HealthSettings, LandingHealth, WorkerHealth, read

PORTS = Path("run") / "health.json"  # in the state folder: the ports that we have chosen
PROCESSES = ("worker", "landing", "ui")
PORT_VARIABLES = {"worker": "CMC_WORKER_HEALTH_PORT", "landing": "CMC_LANDING_HEALTH_PORT"}
SETTINGS: dict[str, type[HealthSettings]] = {"worker": WorkerHealth, "landing": LandingHealth}


def choose_port(name: str, state_dir: Path) -> int:
    """The port that the process's settings say, else one that `status` will find in the state folder.

    Raises StorageError when that folder cannot be written.
    """
    wanted = read(SETTINGS[name]).port
    if wanted:
        return wanted
    try:
        others = PORT_VARIABLES.keys() - {name}
        return ports.choose(tuple(PORT_VARIABLES), state_dir / PORTS, others)[name]
    except OSError as error:
        raise StorageError(
            f"expected a folder that can be written at {state_dir}; got {error.strerror}; "
            "check CMC_STATE_DIR"
        ) from None


def ask_health(name: str, state_dir: Path) -> Health | None:
    """What the process says of itself; None when it does not answer, or has no port."""
    settings = read(SETTINGS[name])
    port = settings.port or ports.remembered(state_dir / PORTS).get(name)
    return health.ask(settings.address, port) if port else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessState:
    """A process of ours now; ``health`` is None where it does not answer for itself."""

    state: processes.State
    health: Health | None

    @property
    def is_well(self) -> bool:
        """Whether it needs nobody: it runs and is live, or was never started."""
        return self.state != "crashed" and (self.health is None or self.health.live)

    @override
    def __str__(self) -> str:
        if self.health is None:
            return self.state
        what = "not live" if not self.health.live else "ready" if self.health.ready else "not ready"
        behind = "" if self.health.lag is None else f"{self.health.lag} behind"
        return f"{what:<12} {', '.join(filter(None, (behind, self.health.reason)))}".rstrip()


def process_states(state_dir: Path) -> dict[str, ProcessState]:
    """How each process of ours stands, whether a demo has started it or somebody else."""
    return {name: _process_state(name, state_dir) for name in PROCESSES}


def _process_state(name: str, state_dir: Path) -> ProcessState:
    found = ask_health(name, state_dir) if name in SETTINGS else None
    state = processes.state(name, state_dir)
    return ProcessState(state="running" if found else state, health=found)
