"""Our own commands, run by a page: a process of its own, with the credentials of its own role."""

import subprocess
import sys
from collections.abc import Callable, Sequence

from clinical_coding.errors import UnavailableError

LONGEST_S = 300.0
Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


def run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run it to its end. Raises subprocess.TimeoutExpired."""
    return subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S, check=False)  # noqa: S603 - our own command, no shell


def said(arguments: Sequence[str], start: Run = run) -> str:
    """What `codemychart` with these arguments prints.

    Raises UnavailableError with the last that it said where it fails or does not end; our commands
    say no word of a note.
    """
    try:
        ended = start([sys.executable, "-m", "cli", *arguments])
    except subprocess.TimeoutExpired:
        raise UnavailableError(
            f"expected `codemychart {arguments[0]}` to end in {LONGEST_S:.0f} s; got no end; try again"
        ) from None
    if ended.returncode:
        lines = ended.stderr.strip().splitlines() or [f"exit status {ended.returncode}"]
        raise UnavailableError(lines[-1].removeprefix("error: "))
    return ended.stdout
