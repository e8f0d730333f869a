"""How long work tells its caller how far it is."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

TOLD = 1000  # between two words on how far it is
T = TypeVar("T")


class Progress(Protocol):
    """Told at every step of a piece of long work; the command line draws a bar from it."""

    def __call__(self, what: str, done: int, total: int) -> None:
        """``done`` of ``total`` units of ``what`` are finished; a total of 0 means unknown."""


def silent(what: str, done: int, total: int) -> None:
    """A Progress that shows nothing."""


def counted(things: Iterable[T], what: str, progress: Progress) -> Iterator[T]:
    """The same things; the progress hears how many of an unknown number have been taken."""
    count = 0
    for thing in things:
        yield thing
        count += 1
        if count % TOLD == 0:
            progress(what, count, 0)
    progress(what, count, count)
