"""Where the processes of this machine answer for their health, and what they say."""

from pathlib import Path

from runtime import health
from runtime.embedded import ports
from runtime.health import Health
from runtime.settings import HealthSettings, LandingHealth, WorkerHealth, read

PORTS = Path("run") / "health.json"  # in the state folder: the ports that a demo has chosen
PORT_VARIABLES = {"worker": "CMC_WORKER_HEALTH_PORT", "landing": "CMC_LANDING_HEALTH_PORT"}
SETTINGS: dict[str, type[HealthSettings]] = {"worker": WorkerHealth, "landing": LandingHealth}


def choose_ports(state_dir: Path) -> dict[str, dict[str, str]]:
    """The variables by which a demo tells each process its port; that of its settings comes first."""
    chosen = ports.choose(tuple(PORT_VARIABLES), state_dir / PORTS, ())
    return {
        name: {variable: str(read(SETTINGS[name]).port or chosen[name])}
        for name, variable in PORT_VARIABLES.items()
    }


def ask_health(name: str, state_dir: Path) -> Health | None:
    """What the process says of itself; None when it does not answer, or has no port."""
    settings = read(SETTINGS[name])
    port = settings.port or ports.remembered(state_dir / PORTS).get(name)
    return health.ask(settings.address, port) if port else None
