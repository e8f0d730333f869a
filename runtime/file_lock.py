"""One process at a time: a lock that its holder's death releases."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def _say_nothing() -> None:
    """Whoever waits is told nothing."""


@contextmanager
def held(path: Path, when_busy: Callable[[], None] = _say_nothing) -> Iterator[None]:
    """Wait for the lock file and hold it; its folder must exist. Raises OSError.

    ``when_busy`` is called once when another process holds it, before the waiting begins.
    """
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            when_busy()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
