"""Keeps one process running: started again with back-off, unless that would not help or nobody wants it.

| how it ended                             | what is done                                        |
|------------------------------------------|-----------------------------------------------------|
| 0, SIGTERM, SIGINT or a status of Ctrl-C | left: somebody asked it to stop                     |
| 78                                       | left: a restart would not help                      |
| anything else: 1, 75, killed             | again, after 1 s, 2 s, 4 s ... 30 s                 |
| not live for half a minute               | killed, then as above                               |
| never live in ten minutes from its start | killed, then as above                               |

After a calm minute the next wait is 1 s again. There is no other giving up: an outage of the broker
may last a day. Not live means that ``/livez`` says so, or that nobody answers there who did before.
"""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from typing_extensions import override

from runtime.exit_status import FAILED, INTERRUPTED, MISCONFIGURED
from runtime.health import Health

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
CALM_S = 60.0
PROBE_S = 5.0
NOT_LIVE_S = 30.0
START_S = 600.0  # a first start may encode the titles of all codes
ASKED_TO_STOP = (0, -signal.SIGTERM, -signal.SIGINT, INTERRUPTED, 128 + signal.SIGTERM)


class Child(Protocol):
    """A process that was started."""

    def exit_status(self) -> int | None:
        """None while it runs; negative for the signal that ended it."""

    def kill(self) -> None:
        """End it at once, with its children."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A process came to its end; ``again_in_s`` is None when it is left so."""

    name: str
    status: int
    again_in_s: float | None

    @override
    def __str__(self) -> str:
        what = f"signal {-self.status}" if self.status < 0 else f"status {self.status}"
        then = "left so" if self.again_in_s is None else f"again in {self.again_in_s:.0f} s"
        return f"{self.name} ended with {what}, {then}"


class Supervised:
    """One process under supervision; ``over`` is the status that it ended with for good."""

    def __init__(
        self,
        name: str,
        start: Callable[[], Child],
        *,
        health: Callable[[], Health | None] | None = None,
        told: Callable[[Ended], None] = lambda _: None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._start = start
        self._health = health
        self._told = told
        self._clock_s = clock_s
        self._wait_s = FIRST_WAIT_S
        self._again_at_s = 0.0
        self._is_left = False
        self.over: int | None = None
        self.child: Child | None = None
        self._begin()

    def tend(self) -> None:
        """Do what is due now; cheap to call often."""
        if self.over is not None:
            return
        if self.child is None:
            if self._clock_s() >= self._again_at_s:
                self._begin()
            return
        status = self.child.exit_status()
        if status is None:
            self._probe(self.child)
        else:
            self._end(status)

    def leave(self) -> None:
        """Start it no more: its end, now or later, is for good."""
        self._is_left = True
        if self.child is None and self.over is None:
            self.over = 0

    def _begin(self) -> None:
        self.child = self._start()
        self._began_s = self._live_s = self._clock_s()
        self._was_live = False

    def _end(self, status: int) -> None:
        self.child = None
        if self._is_left or status in (*ASKED_TO_STOP, MISCONFIGURED):
            self.over = 0 if status in ASKED_TO_STOP else max(status, FAILED)
            self._told(Ended(name=self._name, status=status, again_in_s=None))
            return
        now_s = self._clock_s()
        if now_s - self._began_s > CALM_S:
            self._wait_s = FIRST_WAIT_S
        self._again_at_s = now_s + self._wait_s
        self._told(Ended(name=self._name, status=status, again_in_s=self._wait_s))
        self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)

    def _probe(self, child: Child) -> None:
        now_s = self._clock_s()
        if self._health is None or (self._was_live and now_s - self._live_s < PROBE_S):
            return
        health = self._health()
        if health is not None and health.live:
            self._live_s, self._was_live = now_s, True
        elif now_s - self._live_s > (NOT_LIVE_S if self._was_live else START_S):
            child.kill()
