"""One piece of work beside the main thread, which Ctrl-C does not wait for."""

from collections.abc import Callable
from threading import Thread


class Background:
    """Runs in a daemon thread from the moment it is made."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait until it is done; raises what the work raised."""
        while self._thread.is_alive():
            self._thread.join(0.2)  # in steps, so that Ctrl-C is heard
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            self._error = error
