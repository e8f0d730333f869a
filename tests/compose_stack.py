"""The stack of docker-compose.yml with three brokers, driven as its user drives it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from runtime.embedded.ports import free_port

ROOT = Path(__file__).parents[1]
COMPOSE = ("docker", "compose", "--env-file", "infra/compose/three-brokers.env")
PROJECT = "codemychart-tested"
UP_S, DOWN_S, COMMAND_S = 240.0, 90.0, 60.0
GRACE_S = 60.0  # what a worker may take to stop


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeStack:
    """A project of its own, on ports of its own, so that it stands beside another one."""

    variables: dict[str, str]

    def compose(self, *words: str, within_s: float = COMMAND_S) -> str:
        """What a `docker compose` command answers.

        AssertionError with its last words when it fails, TimeoutExpired when it takes too long.
        """
        done = self._run(*words, within_s=within_s)
        assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stderr[-2000:]}"
        return done.stdout

    def start(self, *words: str) -> subprocess.Popen[str]:
        """The same in the background."""
        return subprocess.Popen(
            [*COMPOSE, *words],
            cwd=ROOT,
            env=os.environ | self.variables,  # noqa: TID251 - handed on
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def scale(self, workers: int) -> None:
        """Have so many workers; those that go finish what they have in hand."""
        how = ("--detach", "--no-deps", "--no-recreate", "--scale", f"worker={workers}")
        self.compose("up", *how, "worker", within_s=GRACE_S + COMMAND_S)

    def in_flight(self) -> int:
        """The notes that the first worker has in hand now, by its metrics."""
        metrics = self.compose("exec", "-T", "worker", "python", "-c", ASK_METRICS)
        return next(
            int(float(line.split()[1]))
            for line in metrics.splitlines()
            if line.startswith("cmc_worker_in_flight_notes ")
        )

    def reconciled(self, wait_s: float) -> dict[str, int]:
        """The counts of `codemychart reconcile`; it looks until nothing is in flight any more."""
        words = ("run", "--rm", "-T", "--no-deps", "cli", "reconcile", "--json")
        told = self.compose(*words, "--wait", str(wait_s), within_s=wait_s + COMMAND_S)
        counts: dict[str, int] = json.loads(told.splitlines()[-1])
        return counts

    def left(self) -> list[str]:
        """Containers, volumes and networks of the project that are there."""
        by_label = ("--filter", f"label=com.docker.compose.project={PROJECT}", "--quiet")
        kinds = (("ps", "--all"), ("volume", "ls"), ("network", "ls"))
        return [one for kind in kinds for one in _docker(*kind, *by_label).split()]

    def tell(self) -> None:
        """Print how each container stands and what it wrote last."""
        for words in (("ps", "--all"), ("logs", "--tail", "15", "--no-color")):
            sys.stderr.write(self._run(*words, within_s=COMMAND_S).stdout)

    def _run(self, *words: str, within_s: float) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMPOSE, *words],
            check=False,
            cwd=ROOT,
            env=os.environ | self.variables,  # noqa: TID251 - handed on
            capture_output=True,
            text=True,
            timeout=within_s,
        )


ASK_METRICS = (
    "import urllib.request as r; print(r.urlopen('http://127.0.0.1:9101/metrics').read().decode())"
)


@contextmanager
def running_stack() -> Iterator[ComposeStack]:
    """The stack, every service of it healthy; taken down at the end with all that it kept."""
    variables = {
        "COMPOSE_PROJECT_NAME": PROJECT,
        "UI_PORT": str(free_port(0)),
        "MLFLOW_PORT": str(free_port(0)),
    }
    stack = ComposeStack(variables=variables)
    try:
        stack.compose("up", "--detach", "--wait", within_s=UP_S)
        yield stack
    except BaseException:
        stack.tell()
        raise
    finally:
        stack.compose("down", "--volumes", "--timeout", "20", within_s=DOWN_S)


def _docker(*words: str) -> str:
    return subprocess.run(
        ("docker", *words), check=True, capture_output=True, text=True, timeout=COMMAND_S
    ).stdout
