"""publish: notes into the note topic."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, TextIO

import click

from cli.progress import bars

if TYPE_CHECKING:
    from producers.publish import Published
    from runtime.progress import Progress
    from schemas.note_rows import RejectedRow
    from schemas.note_signed import NoteSigned

    Notes = Iterator[NoteSigned | RejectedRow]

AFTER_CTRL_C_S = 10.0  # how long what is on its way may take
OWN_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True)
NEW_FILE = click.File("w", encoding="utf-8", lazy=False)


@click.command()
@click.argument("files", nargs=-1, type=OWN_FILE, metavar="[FILE]...")
@click.option(
    "--synthetic", "count", type=click.IntRange(1), metavar="N", help="N synthetic notes."
)
@click.option("--seed", default=1, show_default=True, help="Same seed, same synthetic notes.")
@click.option(
    "--gold", type=NEW_FILE, help="Write the synthetic notes' true codes here, never sent."
)
@click.option("--rate", type=click.FloatRange(0, min_open=True), metavar="R",
              help="At most R notes a second.")  # fmt: skip
@click.option("--out", type=NEW_FILE, help="Write the events here as JSON Lines; needs no broker.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON object.")
@click.pass_context
def publish(  # noqa: PLR0913 - one argument an option
    context: click.Context,
    *,
    files: tuple[str, ...],
    count: int | None,
    seed: int,
    gold: TextIO | None,
    rate: float | None,
    out: TextIO | None,
    as_json: bool,
) -> None:
    """Publish notes: your own JSON Lines or CSV files ("-" is stdin), or synthetic ones.

    A row needs note_id and text; encounter_id, date_of_service, encounter_class, age, sex and more
    are optional; a patient_id (or mrn) becomes a patient_ref by keyed hash, see `codemychart
    patient-refs --help`. A bad row is reported by file:line and left out. Exit 1 when a row was rejected or
    a note not acknowledged by the broker.

    \b
    Examples:
      codemychart publish notes.jsonl
      codemychart publish monday.csv tuesday.csv --rate 50
      zcat notes.jsonl.gz | codemychart publish -
      codemychart publish --synthetic 500 --seed 7 --gold gold.jsonl
      codemychart publish --synthetic 500 --out notes.jsonl
    """
    from producers.__main__ import notes_of

    if bool(files) == bool(count):
        raise click.UsageError("expected either FILE... or --synthetic N")
    if gold and not count:
        raise click.UsageError("--gold is for --synthetic: a file's true codes are not known")
    notes = _synthetic(count, seed, gold) if count else notes_of(files)
    with bars() as progress:
        done = (
            _write(notes, out, progress, count or 0)
            if out
            else _send(notes, rate, progress, count or 0)
        )
    told = json.dumps(asdict(done)) if as_json else str(done)
    click.echo(told, err=out is not None and out.name == "<stdout>")
    context.exit(int(not done.is_complete))


def _synthetic(count: int, seed: int, gold: TextIO | None) -> "Notes":
    from producers.event_files import with_gold
    from producers.synthetic import encounters

    return with_gold(encounters(count, seed), gold)


def _write(notes: "Notes", out: TextIO, progress: "Progress", total: int) -> "Published":
    from producers.event_files import write_events

    return write_events(notes, out, progress=progress, total=total, rejected=_report)


def _send(notes: "Notes", rate: float | None, progress: "Progress", total: int) -> "Published":
    from clinical_coding.errors import BrokerError
    from producers.__main__ import open_publisher
    from producers.pace import Pace

    publisher = open_publisher()
    try:
        return publisher.publish(
            notes, pace=Pace(rate), progress=progress, total=total, rejected=_report
        )
    except KeyboardInterrupt:
        with suppress(BrokerError):
            publisher.settle(AFTER_CTRL_C_S)
        click.echo(str(publisher.done), err=True)
        raise
    except BrokerError:
        click.echo(str(publisher.done), err=True)
        raise


def _report(row: "RejectedRow") -> None:
    click.echo(str(row), err=True)
