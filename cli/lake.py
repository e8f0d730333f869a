"""lake sql, compact, retain: questions to the landed claims, their files made large, old days removed."""

import csv
import json
import sys
from datetime import date
from typing import TYPE_CHECKING

import click

from cli.moments import AgeType
from cli.progress import bars
from runtime.clock import now

if TYPE_CHECKING:
    from consumers.lake import Answer

SHOWN_ROWS = 1000  # of a table for people


def _today() -> date:
    return now().date()


@click.group()
def lake() -> None:
    """Ask the lake, and keep it.

    \b
    Examples:
      codemychart lake sql "SELECT code, count(*) FROM current_diagnoses GROUP BY ALL"
      codemychart lake compact
      codemychart lake retain --older-than 10y
    """


@lake.command()
@click.argument("query")
@click.option("--json", "form", flag_value="json", help="One JSON object a row.")
@click.option("--csv", "form", flag_value="csv", help="Comma-separated, with a header.")
def sql(query: str, *, form: str | None) -> None:
    """Run a DuckDB query over the lake (CMC_LANDING_LAKE); docs/lake.md has examples.

    current_claims and current_diagnoses have what counts now: of each note its last claim, none where
    it was retracted. claims and diagnoses have the whole history, each claim once. QUERY is SQL, or
    "-" for stdin. A table shows the first 1000 rows; --json and --csv give all.

    \b
    Examples:
      codemychart lake sql "SELECT count(*) FROM current_claims"
      codemychart lake sql "DESCRIBE current_diagnoses"
      codemychart lake sql "SELECT * FROM current_claims" --csv > claims.csv
      codemychart lake sql - --json < question.sql
    """
    from consumers.lake import answered
    from runtime.roles import Role
    from runtime.settings import LandingSettings, read

    text = sys.stdin.read() if query == "-" else query
    try:
        with answered(read(LandingSettings, Role.READER), text) as answer:
            {"json": _print_json, "csv": _print_csv}.get(form or "", _print_table)(answer)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


@lake.command()
@click.option("--keep-hours", type=click.FloatRange(0), default=24.0, show_default=True,
              help="So long landed files stay after their rows were compacted.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def compact(*, keep_hours: float, as_json: bool) -> None:
    """Write what has landed since the last time into large files: compacted/<table>/date_of_service=<day>/.

    Each claim is there once, and a file never changes once it is there, so whatever reads them need
    not know that something is going on; the landing may run meanwhile. A compaction that was killed
    is finished by the next. Run it each hour or day.

    \b
    Examples:
      codemychart lake compact
      codemychart lake compact --keep-hours 1 --json
      CMC_LANDING_LAKE=s3a://bucket/lake codemychart lake compact
    """
    from dataclasses import asdict
    from datetime import timedelta

    from consumers.compaction import Compaction
    from consumers.lake_objects import objects_of
    from runtime.roles import Role
    from runtime.settings import LandingSettings, read

    settings = read(LandingSettings, Role.LANDING)
    with bars() as progress:
        done = Compaction(
            settings=settings,
            objects=objects_of(settings, settings.lake),
            at=now(),
            keep=timedelta(hours=keep_hours),
            progress=progress,
        ).run()
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    click.echo(
        f"{done.files_taken} landed files into {done.files_written}, {done.rows} rows; "
        f"{done.files_removed} landed files of earlier compactions removed"
    )


@lake.command()
@click.option("--older-than", "before", type=AgeType(_today), required=True,
              help="So many years or days by date of service: 10y, 90d.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Remove them; without it they are only told.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def retain(*, before: date, yes: bool, as_json: bool) -> None:
    """Remove days from the lake whose retention is over, for good.

    Whole days of service, claims and diagnoses, landed and compacted; it is written into the audit
    log first. Where the claim topic still has their claims, `reconcile --repair` would land them again.

    \b
    Examples:
      codemychart lake retain --older-than 10y
      codemychart lake retain --older-than 10y --yes
    """
    from functools import partial

    from consumers.lake_objects import objects_of
    from consumers.retention import expired, remove
    from runtime.audit import Action, AuditLog
    from runtime.roles import Role
    from runtime.settings import FolderSettings, LandingSettings, read

    settings = read(LandingSettings, Role.LANDING)
    objects = objects_of(settings, settings.lake)
    found = expired(objects, before)
    days = [day.isoformat() for day in found.days]
    if yes and days:
        log = AuditLog(read(FolderSettings).state_dir)
        what = f"days of the lake {settings.lake}"
        remove(objects, found, partial(log.record, Action.REMOVED, what))
    if as_json:
        told = {"before": before.isoformat(), "days": days, "files": len(found.files)}
        click.echo(json.dumps({**told, "removed": yes}))
        return
    span = f", {days[0]} to {days[-1]}" if days else ""
    click.echo(f"{len(days)} days before {before}{span}: {len(found.files)} files")
    if days:
        click.echo("removed" if yes else "nothing was removed; --yes removes them")


def _print_json(answer: "Answer") -> None:
    for row in answer.rows:
        click.echo(json.dumps(dict(zip(answer.columns, row, strict=True)), default=str))


def _print_csv(answer: "Answer") -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(answer.columns)
    writer.writerows(answer.rows)


def _print_table(answer: "Answer") -> None:
    from itertools import islice

    from rich.console import Console
    from rich.table import Table

    table = Table(*answer.columns, box=None)
    for row in islice(answer.rows, SHOWN_ROWS):
        table.add_row(*("" if value is None else str(value) for value in row))
    Console().print(table)
    if next(answer.rows, None) is not None:
        click.echo(f"more than {SHOWN_ROWS} rows: the first are shown", err=True)
