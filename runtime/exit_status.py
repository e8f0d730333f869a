"""How a process ends: one line on stderr and a shell's exit status."""

import faulthandler
import os
import resource
import sys
from collections.abc import Callable
from typing import NoReturn

from clinical_coding.errors import CodingError, MisconfiguredError, StalledError

FAILED = 1
STALLED = 75  # EX_TEMPFAIL of sysexits.h: started again, it goes on
MISCONFIGURED = 78  # EX_CONFIG of sysexits.h: a restart alone will not help
INTERRUPTED = 130  # what a shell reports for Ctrl-C


def exit_with(run: Callable[[], int | None]) -> NoReturn:
    """Run a process's main and exit with its status, 0 where it returns none.

    An error of our tree becomes a line and its status; its message holds no note text. Neither it
    nor its children leave a core file: that would be an image of memory with notes in it.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        status = run() or 0
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        status = INTERRUPTED
    except CodingError as error:
        sys.stderr.write(f"error: {error}\n")
        status = status_of(error)
    sys.exit(status)


def end_at_once(error: CodingError) -> NoReturn:
    """End the process from any thread, although another one hangs and would never be joined.

    Says where each thread was, by file and line; nothing is finished or cleaned up.
    """
    sys.stderr.flush()
    faulthandler.dump_traceback(all_threads=True)
    sys.stderr.write(f"error: {error}\n")
    sys.stderr.flush()
    os._exit(status_of(error))


def status_of(error: CodingError) -> int:
    """78 where a restart will not help, 75 when the process stood still, else 1."""
    if isinstance(error, MisconfiguredError):
        return MISCONFIGURED
    return STALLED if isinstance(error, StalledError) else FAILED
