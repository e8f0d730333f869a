"""One supervised process in the foreground: it writes where we write, and is stopped as we are."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

from clinical_coding.errors import EmbeddedServiceError
from runtime import processes
from runtime.health import Health
from runtime.logs import get_logger
from runtime.supervision import Ended, Supervised

TICK_S = 0.2


class Foreground:
    """A child that shares this process's terminal, whose Ctrl-C comes to both."""

    def __init__(self, command: Sequence[str], variables: Mapping[str, str]) -> None:
        environment = os.environ | dict(variables)  # noqa: TID251 - handed on, not read
        try:
            self._process = subprocess.Popen(command, env=environment)  # noqa: S603 - a command of ours
        except OSError as error:
            raise EmbeddedServiceError(
                f"cannot start {command[0]}: {error.strerror}; check that it is there"
            ) from None

    def exit_status(self) -> int | None:
        """Meets runtime.supervision.Child."""
        return self._process.poll()

    def kill(self) -> None:
        """Meets runtime.supervision.Child."""
        processes.kill(self._process.pid)

    def stop(self) -> None:
        """Ask it to finish what it has in hand."""
        self._process.terminate()


def keep_running(
    name: str,
    command: Sequence[str],
    variables: Mapping[str, str],
    health: Callable[[], Health | None],
) -> int:
    """Run the command until it ends for good or we are asked to stop; the status it ended with.

    SIGTERM or Ctrl-C goes to the child as SIGTERM, which finishes what it has in hand; a second one
    kills it.
    """
    children: list[Foreground] = []

    def start() -> Foreground:
        children[:] = [Foreground(command, variables)]
        return children[0]

    asked = _Asked()
    supervised = Supervised(name, start, health=health, told=_log)
    while supervised.over is None:
        if asked.wait(TICK_S):
            supervised.leave()
            (children[0].stop if asked.times == 1 else children[0].kill)()
        supervised.tend()
    return supervised.over


class _Asked:
    """How often we were asked to stop.

    The handler only counts: it runs in the midst of whatever this thread does, and with the lock of an
    Event in this thread's hands it would wait for itself, or its word be taken back by a clear.
    """

    def __init__(self) -> None:
        self.times = 0
        self._heard = 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._count)

    def wait(self, seconds: float) -> bool:
        """Wait for so long; whether we were asked since the last time."""
        time.sleep(seconds)
        before, self._heard = self._heard, self.times
        return self._heard > before

    def _count(self, _: int, __: FrameType | None) -> None:
        self.times += 1


def _log(ended: Ended) -> None:
    get_logger().warning(
        "process ended",
        service=ended.name,
        exit_code=ended.status,
        wait_s=ended.again_in_s,
    )
