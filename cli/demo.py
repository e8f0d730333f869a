"""demo: everything on this machine, from synthetic encounters to the live feed."""

import secrets
import signal
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from cli.claims import keep_counts, reconciled, table
from cli.progress import bars

if TYPE_CHECKING:
    from cli.pipeline import Pipeline
    from consumers.reconcile import Reconciliation
    from runtime.progress import Progress
    from runtime.settings import FolderSettings
    from schemas.note_rows import RejectedRow
    from schemas.note_signed import NoteSigned

    Notes = Iterator[NoteSigned | RejectedRow]

WATCHED_RATE = 4.0  # notes a second: quick enough to be alive, slow enough to be read
LOOK_S = 1.0
STANDSTILL_S = 180.0  # with --exit: nothing has moved for so long
SEEDS = 1_000_000


@click.command()
@click.option("--notes", "count", type=click.IntRange(1), default=300, show_default=True,
              help="Synthetic notes to publish.")  # fmt: skip
@click.option("--file", "files", multiple=True, metavar="FILE",
              help="Publish your own JSON Lines or CSV instead.")  # fmt: skip
@click.option("--rate", type=click.FloatRange(0, min_open=True),
              help=f"Notes a second; default {WATCHED_RATE:.0f}, with --exit as fast as it goes.")  # fmt: skip
@click.option("--seed", type=int, help="Of the synthetic notes; default: another one each time.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Of the feed; default 8501 or a free one."
)
@click.option("--no-ui", is_flag=True, help="Leave the feed out.")
@click.option("--secure", is_flag=True,
              help="TLS, passwords and permissions on the broker, as `up --secure`.")  # fmt: skip
@click.option("--exit", "to_end", is_flag=True,
              help="Wait until all is coded and landed, print one table and stop.")  # fmt: skip
def demo(  # noqa: PLR0913 - one parameter for each option
    *,
    count: int,
    files: tuple[str, ...],
    rate: float | None,
    seed: int | None,
    port: int | None,
    no_ui: bool,
    secure: bool,
    to_end: bool,
) -> int:
    """Run the whole pipeline on this machine: Kafka, registry, object store, worker, Spark, feed.

    All that it writes is under CMC_STATE_DIR; downloads are kept in CMC_CACHE_DIR. Ctrl-C stops
    everything. With --exit the exit code is 1 when a count is off.

    \b
    Examples:
      codemychart demo
      codemychart demo --notes 500 --no-ui --exit
      codemychart demo --file notes.jsonl --rate 10
    """
    from cli.pipeline import Pipeline
    from runtime.embedded import services
    from runtime.settings import FolderSettings, read

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # it, too, stops what was started
    folders = read(FolderSettings)
    shown = {} if files else {"CMC_UI_SHOW_NOTES": "true"}  # synthetic text may be seen by anyone
    pipeline = Pipeline(folders.state_dir, shown, lambda one: click.echo(one, err=True))
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    try:
        with bars() as progress:
            _prepare(folders, progress, secure=secure)
            _start(pipeline, port, progress, with_ui=not no_ui)
            if not files:
                click.echo(f"seed       {seed} ({count} synthetic notes)", err=True)
            pace = rate or (None if to_end else WATCHED_RATE)
            _publish(_notes(files, count, seed), pace, pipeline, progress, 0 if files else count)
            if to_end:
                found = _wait_for_all(pipeline, progress)
        if to_end:
            keep_counts(found)
            click.echo(table(found))
            return int(not found.is_complete)
        click.echo("all notes are published; Ctrl-C stops everything")
        while True:
            pipeline.tend()
            time.sleep(LOOK_S)
    finally:
        click.echo("stopping", err=True)
        pipeline.stop()
        services.stop(folders)


def _prepare(folders: "FolderSettings", progress: "Progress", *, secure: bool) -> None:
    """Fetch what is missing, encode the code titles beside it, start services, make topics."""
    from cli.background import Background
    from cli.deployment import prepare
    from runtime.embedded import services
    from runtime.jars import fetch_all
    from runtime.model_bundle import load_bundle
    from runtime.settings import ModelSettings, read

    titles = Background(lambda: load_bundle(read(ModelSettings), folders, progress))
    fetch_all(("kafka", "object-store", "registry", "spark"), folders.cache_dir, progress)
    services.start(folders, progress, secure=secure)
    prepare()
    titles.wait()


def _start(pipeline: "Pipeline", port: int | None, progress: "Progress", *, with_ui: bool) -> None:
    from cli.pipeline import LANDING, UI, WORKER
    from runtime.embedded.ports import free_port
    from runtime.page_settings import UiSettings
    from runtime.settings import read

    if with_ui:
        settings = read(UiSettings)
        chosen = port or free_port(settings.port)
        pipeline.start(UI, {"CMC_UI_PORT": str(chosen)})
    pipeline.start(WORKER)
    pipeline.start(LANDING)
    if with_ui:
        address = f"http://{settings.address}:{chosen}"
        _wait_for(lambda: pipeline.answers(f"{address}/_stcore/health"), pipeline, progress)
        click.echo(f"live feed  {address}")


def _wait_for(is_there: Callable[[], bool], pipeline: "Pipeline", progress: "Progress") -> None:
    progress("starting the live feed", 0, 1)
    while not is_there():
        pipeline.tend()
        time.sleep(LOOK_S / 4)
    progress("starting the live feed", 1, 1)


def _notes(files: tuple[str, ...], count: int, seed: int) -> "Notes":
    from producers.__main__ import notes_of
    from producers.synthetic import encounters

    if files:
        return notes_of(files)
    return (note.event for note in encounters(count, seed))


def _publish(
    notes: "Notes", rate: float | None, pipeline: "Pipeline", progress: "Progress", total: int
) -> None:
    from producers.__main__ import open_publisher
    from producers.pace import Pace

    def told(what: str, done: int, total: int) -> None:
        pipeline.tend()
        progress(what, done, total)

    open_publisher().publish(
        notes,
        pace=Pace(rate),
        progress=told,
        total=total,
        rejected=lambda row: click.echo(str(row), err=True),
    )


def _wait_for_all(pipeline: "Pipeline", progress: "Progress") -> "Reconciliation":
    """Where everything stands when all is coded and landed, or when nothing moves any more."""
    before, moved = (-1, -1), time.monotonic()
    while True:
        pipeline.tend()
        found = reconciled(lake=True)
        coded, landed = found.claims + found.dead_letters, found.landed or 0
        progress("coded", coded, found.notes)
        progress("landed", landed, found.claims)
        if found.is_complete:
            return found
        if (coded, landed) != before:
            before, moved = (coded, landed), time.monotonic()
        if time.monotonic() - moved > STANDSTILL_S:
            pipeline.tell_logs(lambda line: click.echo(line, err=True))
            return found
        time.sleep(LOOK_S)
