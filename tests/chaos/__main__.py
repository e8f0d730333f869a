"""The long run of the fault harness: ``python -m tests.chaos --help``."""

import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click

from runtime.exit_status import FAILED, exit_with
from runtime.settings import FolderSettings, read
from tests.chaos.plan import plan_of
from tests.chaos.report import REPORT, tables
from tests.chaos.run import run
from tests.chaos.stack import Sizes

SEEDS = 1_000_000


@click.command(context_settings={"max_content_width": 100})
@click.option("--seed", type=click.IntRange(0), help="Of the plan; default: another one each time.")
@click.option("--faults", type=click.IntRange(0), default=30, show_default=True)
@click.option("--notes", type=click.IntRange(1), default=20_000, show_default=True)
@click.option("--workers", type=click.IntRange(2, 4), default=2, show_default=True)
@click.option("--rate", type=click.FloatRange(1), default=60.0, show_default=True,
              help="Notes a second that the producer publishes.")  # fmt: skip
@click.option("--engine", type=click.Choice(["fake", "real"]), default="fake", show_default=True)
@click.option("--disk", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="An empty small disk to fill; default: a tmpfs, which root may mount.")  # fmt: skip
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False),
              help="For logs, plan.json and report.json; default: a temporary one.")  # fmt: skip
def chaos(
    *,
    seed: int | None,
    faults: int,
    notes: int,
    workers: int,
    rate: float,
    engine: str,
    disk: Path | None,
    folder: Path | None,
) -> int:
    """Run the pipeline as real processes, hurt it by a plan, and reconcile by id.

    The plan follows from the seed. The last line on stdout says what became of the notes. Exit 1
    when a note is missing or doubled or a process needed a hand. Ctrl-C stops everything.

    \b
    Examples:
      python -m tests.chaos
      python -m tests.chaos --seed 7 --faults 30 --notes 20000
      python -m tests.chaos --seed 7 --faults 5 --notes 1000 --engine real
    """  # noqa: D301 - the \b is click's
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    try:
        plan = plan_of(seed, faults, notes)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    folder = folder or Path(tempfile.mkdtemp(prefix="chaos-"))
    if folder.exists() and any(folder.iterdir()):
        raise click.UsageError(f"expected a new or empty folder; got {folder}; name another")
    tell = _told_since(time.monotonic())
    tell(f"seed {seed}, {faults} faults, {notes} notes; logs in {folder}/logs")
    sizes = Sizes(workers=workers, rate=rate, engine=engine)
    report = run(plan, sizes, folder, read(FolderSettings).cache_dir, disk, tell)
    (folder / "report.json").write_bytes(REPORT.dump_json(report))
    click.echo(tables([report]), err=True)
    for told in (*report.hands, *map(str, report.reconciliation.findings)):
        tell(told)
    click.echo(report.verdict.line())
    return 0 if report.is_good else FAILED


def _told_since(began: float) -> Callable[[str], None]:
    def tell(what: str) -> None:
        click.echo(f"{time.monotonic() - began:7.1f} s  {what}", err=True)

    return tell


def _stop(_: int, __: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Parse and run; SIGTERM stops everything as Ctrl-C does."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        return int(chaos.main(sys.argv[1:], "python -m tests.chaos", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None


if __name__ == "__main__":
    exit_with(main)
