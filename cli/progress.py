"""Progress bars on stderr, so that stdout stays fit for a pipe."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bars
from rich.text import Text
from typing_extensions import override

from runtime.progress import Progress


class RateColumn(ProgressColumn):
    """How many a second, of late."""

    @override
    def render(self, task: Task) -> Text:
        """Meets ProgressColumn."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "")


@contextmanager
def bars() -> Iterator[Progress]:
    """A Progress that draws one bar for each piece of work it hears of; in a log, a line for each."""
    console = Console(stderr=True)
    tasks: dict[str, TaskID] = {}
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeElapsedColumn(),
    )
    shown = Bars(*columns, console=console, disable=not console.is_terminal)

    def show(what: str, done: int, total: int) -> None:
        if what not in tasks:
            if not console.is_terminal:
                console.print(f"{what} ...")
            elif not tasks:  # work that is done at once draws nothing
                shown.start()
            tasks[what] = shown.add_task(what, total=None)
        shown.update(tasks[what], completed=done, total=total or None)

    try:
        yield show
    finally:
        if tasks and console.is_terminal:
            shown.stop()
