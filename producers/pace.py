"""A steady rate: the n-th step is taken no sooner than n over the rate after the first."""

import time
from collections.abc import Callable


class Pace:
    """Waits between steps so that no more than ``per_s`` are taken a second; None never waits.

    Steps that come late are not made up for in a burst.
    """

    def __init__(
        self,
        per_s: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap_s = 1 / per_s if per_s else 0.0
        self._clock = clock
        self._sleep = sleep
        self._next = clock()

    def wait(self) -> None:
        """Return when the next step may be taken."""
        early_s = self._next - self._clock()
        if early_s > 0:
            self._sleep(early_s)
        self._next = max(self._next, self._clock() - self._gap_s) + self._gap_s
