"""A supervised worker process with a fake coder: ``python -m tests.fakes.supervisor WAIT_S [KIND]``."""

import sys
from functools import partial

from runtime import health, logs
from runtime.exit_status import exit_with
from runtime.foreground import keep_running
from runtime.settings import WorkerHealth, read


def main() -> int:
    """Supervise tests.fakes.worker with these arguments."""
    logs.configure("supervisor", strict=True)
    settings = read(WorkerHealth)
    command = (sys.executable, "-m", "tests.fakes.worker", *sys.argv[1:])
    return keep_running(
        "worker", command, {}, partial(health.ask, settings.address, settings.port or 0)
    )


if __name__ == "__main__":
    exit_with(main)
