"""publish: notes into the note topic."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from cli.progress import bars

if TYPE_CHECKING:
    from producers.note_rows import RejectedRow
    from producers.publish import Published
    from runtime.progress import Progress
    from schemas.note_signed import NoteSigned

FEW_S = 10.0  # after Ctrl-C: how long what is on its way may take
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--synthetic", "count", type=click.IntRange(1), metavar="N", help="N synthetic notes.")
@click.option("--seed", default=1, show_default=True, help="Same seed, same synthetic notes.")
@click.option("--gold", type=FILE, help="Write the synthetic notes' true codes here, never sent.")
@click.option("--rate", type=click.FloatRange(0, min_open=True), metavar="R",
              help="At most R notes a second.")  # fmt: skip
@click.option("--out", type=FILE, help="Write the events here as JSON Lines; no broker needed.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON object.")
@click.pass_context
def publish(  # noqa: PLR0913 - one argument an option
    context: click.Context,
    *,
    files: tuple[str, ...],
    count: int | None,
    seed: int,
    gold: Path | None,
    rate: float | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Publish notes: your own JSON Lines or CSV files ("-" is stdin), or synthetic ones.

    A row needs note_id and text; encounter_id, date_of_service, encounter_class, age, sex and more
    are optional. A bad row is reported by file:line and left out. Exit 1 when a row was rejected or
    a note not acknowledged by the broker.

    \b
    Examples:
      codemychart publish notes.jsonl
      codemychart publish monday.csv tuesday.csv --rate 50
      zcat notes.jsonl.gz | codemychart publish -
      codemychart publish --synthetic 500 --seed 7 --gold gold.jsonl
      codemychart publish --synthetic 500 --out notes.jsonl
    """
    if bool(files) == bool(count):
        raise click.UsageError("expected either FILE... or --synthetic N")
    if gold and not count:
        raise click.UsageError("--gold is for --synthetic: nobody knows the true codes of a file")
    with ExitStack() as stack:
        progress = stack.enter_context(bars())
        notes = _synthetic(count, seed, gold, stack) if count else _from_files(files)
        total = count or 0
        done = _write(notes, out, progress, total) if out else _send(notes, rate, progress, total)
    _print(done, as_json=as_json, written=bool(out))
    context.exit(int(not done.is_complete))


def _from_files(files: tuple[str, ...]) -> "Iterator[NoteSigned | RejectedRow]":
    from producers.note_files import read_notes
    from runtime.clock import now

    return chain.from_iterable(read_notes(file, now) for file in files)


def _synthetic(
    count: int, seed: int, gold: Path | None, stack: ExitStack
) -> "Iterator[NoteSigned | RejectedRow]":
    from producers.event_files import with_gold
    from producers.synthetic import encounters

    file = stack.enter_context(gold.open("w", encoding="utf-8")) if gold else None
    return with_gold(encounters(count, seed), file)


def _send(
    notes: "Iterator[NoteSigned | RejectedRow]",
    rate: float | None,
    progress: "Progress",
    total: int,
) -> "Published":
    from clinical_coding.errors import BrokerError
    from producers.__main__ import open_publisher
    from producers.pace import Pace
    from producers.publish import Publisher

    publisher: Publisher = open_publisher()
    try:
        return publisher.publish(
            notes, pace=Pace(rate), progress=progress, total=total, rejected=_report
        )
    except BrokerError:
        click.echo(f"{publisher.done}", err=True)
        raise
    except KeyboardInterrupt:
        _stop(publisher)


def _stop(publisher: "Publisher") -> NoReturn:  # noqa: F821
    from contextlib import suppress

    from clinical_coding.errors import BrokerError

    with suppress(BrokerError):
        publisher.settle(FEW_S)
    click.echo(f"{publisher.done}", err=True)
    raise click.Abort
