"""How long work tells its caller how far it is."""

from typing import Protocol


class Progress(Protocol):
    """Told at every step of a piece of long work; the command line draws a bar from it."""

    def __call__(self, what: str, done: int, total: int) -> None:
        """``done`` of ``total`` units of ``what`` are finished; a total of 0 means unknown."""


def silent(what: str, done: int, total: int) -> None:
    """A Progress that shows nothing."""
