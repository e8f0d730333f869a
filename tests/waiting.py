"""Waiting for a condition with a deadline, and processes that tell their log when they hang."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

TICK_S = 0.1


def wait_for(
    condition: Callable[[], bool], within_s: float, what: str, log: Path | None = None
) -> None:
    """Return when the condition holds; AssertionError with the log's end when it does not in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            told = log.read_text(errors="replace")[-4000:] if log and log.exists() else ""
            raise AssertionError(f"not in {within_s:.0f} s: {what}\n{told}")
        time.sleep(TICK_S)


@contextmanager
def process(
    module: str, *arguments: str, variables: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """``python -m module`` in the background; killed at the end if it still runs."""
    with log.open("ab") as output:
        started = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=os.environ | dict(variables),  # noqa: TID251 - handed on
            stdout=output,
            stderr=output,
        )
    try:
        yield started
    finally:
        if started.poll() is None:
            started.kill()
        started.wait(30)
