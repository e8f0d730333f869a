"""How a process ends: one line on stderr and a shell's exit status."""

import sys
from collections.abc import Callable
from typing import NoReturn

from clinical_coding.errors import CodingError, MisconfiguredError

FAILED = 1
MISCONFIGURED = 78  # EX_CONFIG of sysexits.h: a restart alone will not help
INTERRUPTED = 130  # what a shell reports for Ctrl-C


def exit_with(run: Callable[[], int | None]) -> NoReturn:
    """Run a process's main and exit with its status, 0 where it returns none.

    An error of our tree becomes a line and its status; its message holds no note text.
    """
    try:
        status = run() or 0
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        status = INTERRUPTED
    except CodingError as error:
        sys.stderr.write(f"error: {error}\n")
        status = status_of(error)
    sys.exit(status)


def status_of(error: CodingError) -> int:
    """78 where a restart will not help, else 1."""
    return MISCONFIGURED if isinstance(error, MisconfiguredError) else FAILED
