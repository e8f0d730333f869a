"""tail, reconcile: what became of the notes."""

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click
from typing_extensions import override

from cli.progress import bars
from runtime.progress import Progress, silent

if TYPE_CHECKING:
    from consumers.reconcile import Reconciliation
    from schemas.claim_coded import ClaimCoded

LOOK_S = 1.0


class StartType(click.ParamType):
    """beginning, end, or a moment in ISO 8601."""

    name = "WHEN"

    @override
    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | datetime:
        """The word itself or the moment; a usage error for anything else."""
        from consumers.claims import start_of

        try:
            return start_of(str(value))
        except ValueError:
            self.fail("expected beginning, end or a time such as 2026-03-02T15:00", param, ctx)


@click.command()
@click.option("--from", "start", type=StartType(), default="beginning", show_default=True,
              help="beginning, end, or a time: the first claim at or after it.")  # fmt: skip
@click.option("-f", "--follow", is_flag=True, help="Go on as claims come; end with Ctrl-C.")
@click.option("--encounter", help="Only claims of this encounter.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per claim.")
def tail(*, start: str | datetime, follow: bool, encounter: str | None, as_json: bool) -> None:
    """Print coded claims, each once, in rising versions of their note; commits nothing.

    \b
    Examples:
      codemychart tail
      codemychart tail --from end --follow
      codemychart tail --from 2026-03-02T15:00 --encounter encounter-0001 --json
    """
    from consumers.claims import claim_consumer
    from runtime.roles import Role
    from runtime.settings import KafkaSettings, RegistrySettings, read

    encounters = [encounter] if encounter else []
    consumer = claim_consumer(
        read(KafkaSettings, Role.READER), read(RegistrySettings), start=start, encounters=encounters
    )
    with consumer as claims:
        for claim in claims if follow else claims.until_now():
            click.echo(_json(claim) if as_json else _line(claim))
            sys.stdout.flush()
    if consumer.undecodable:
        click.echo(f"{consumer.undecodable} records are no claim of a known schema", err=True)
    if consumer.outdated:
        click.echo(
            f"{consumer.outdated} claims of older versions came late and are left out", err=True
        )


def _json(claim: "ClaimCoded") -> str:
    from pydantic import TypeAdapter

    return TypeAdapter(type(claim)).dump_json(claim).decode()


def _line(claim: "ClaimCoded") -> str:
    codes = "  ".join(f"{d.code} {d.probability:.2f} {d.band}" for d in claim.diagnoses)
    return (
        f"{claim.coded_at:%Y-%m-%d %H:%M:%S}  {claim.encounter_id}  {claim.note_id} "
        f"v{claim.note_version}  {codes or 'no codes'}"
    )


@click.command()
@click.option("--wait", "wait_s", type=click.FloatRange(0), default=0.0,
              help="Wait up to so many seconds until nothing is in flight.")  # fmt: skip
@click.option("--lake/--no-lake", default=True, show_default=True, help="Look at the lake too.")
@click.option("--by-hour", is_flag=True, help="Counts by partition and hour as well.")
@click.option("--repair", is_flag=True, help="Land what the lake lacks, then look again.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def reconcile(  # noqa: PLR0913 - one parameter for each option
    context: click.Context, *, wait_s: float, lake: bool, by_hour: bool, repair: bool, as_json: bool
) -> None:
    """Hold note topic, claims, dead letters and lake against one another by id.

    Exit 1 when a note has no outcome or more than one, or a claim is not in the lake. --repair runs
    `land` over the hours with such claims; it needs the lake to itself, so stop the landing before.

    \b
    Examples:
      codemychart reconcile
      codemychart reconcile --wait 60 --json
      codemychart reconcile --no-lake
      codemychart reconcile --by-hour --repair
    """
    import time

    if repair and not lake:
        raise click.UsageError("--repair is of the lake; leave --no-lake out")
    deadline = time.monotonic() + wait_s
    with bars() as progress:
        found = reconciled(progress, lake=lake)
        while not found.is_complete and time.monotonic() < deadline:
            time.sleep(min(LOOK_S, wait_s))
            found = reconciled(progress, lake=lake)
        if repair and found.not_landed:
            _repair(found)
            found = reconciled(progress, lake=lake)
    keep_counts(found)
    if as_json:
        click.echo(_told_as_json(found, by_hour=by_hour))
    else:
        click.echo(table(found) + ("\n" + hours_table(found) if by_hour else ""))
    context.exit(int(found.has_loss or bool(found.not_landed)))


def keep_counts(found: "Reconciliation") -> None:
    """Keep them for the UI's operations page."""
    from dataclasses import asdict

    from runtime.clock import now
    from runtime.kept_reconciliation import keep
    from runtime.settings import FolderSettings, read

    counts = {name: n for name, n in asdict(found).items() if n is None or isinstance(n, int)}
    keep(counts, now(), read(FolderSettings).state_dir)


def _repair(found: "Reconciliation") -> None:
    """Land the hours in which the lake lacks claims, in a process of its own: Spark takes signals."""
    import subprocess

    from clinical_coding.errors import StorageError
    from consumers.hours import span_not_landed

    span = span_not_landed(found.claim_hours)
    if span is None:
        return
    words = ("--since", span[0].isoformat(), "--until", span[1].isoformat())
    done = subprocess.run([sys.executable, "-m", "cli", "land", *words], check=False)  # noqa: S603 - our own
    if done.returncode:
        raise StorageError(
            f"expected the landing to repair the lake; got exit status {done.returncode}; see what it "
            "said above, and stop another landing of this lake first"
        )


def reconciled(progress: Progress = silent, *, lake: bool) -> "Reconciliation":
    """Where everything stands now, with this process's settings."""
    from consumers.lake import claim_ids
    from consumers.reconcile import reconcile_now
    from runtime.registry import Registry
    from runtime.roles import Role
    from runtime.settings import (
        KafkaSettings,
        LandingSettings,
        RegistrySettings,
        WorkerSettings,
        read,
    )

    landing = read(LandingSettings, Role.READER) if lake else None
    return reconcile_now(
        read(KafkaSettings, Role.READER),
        read(WorkerSettings).group,
        Registry(read(RegistrySettings)),
        (lambda: claim_ids(landing)) if landing else None,
        progress,
    )


def _told_as_json(found: "Reconciliation", *, by_hour: bool) -> str:
    from pydantic import TypeAdapter

    hours = set() if by_hour else {"note_hours", "claim_hours"}
    return TypeAdapter(type(found)).dump_json(found, exclude=hours).decode()


def hours_table(found: "Reconciliation") -> str:
    """The same counts by partition and hour, first of the note topic, then of the claim topic."""
    lines = ["hour (UTC)        part.    notes   claims dead let. in flight  missing"]
    lines += [
        f"{h.hour:%Y-%m-%d %H:%M}  {h.partition:>5}{h.notes:>9}{h.claims:>9}{h.dead_letters:>10}"
        f"{h.in_flight:>10}{h.missing:>9}"
        for h in found.note_hours
    ]
    lines.append("hour (UTC)        part.   events   landed not landed")
    lines += [
        f"{h.hour:%Y-%m-%d %H:%M}  {h.partition:>5}{h.claim_events:>9}{_count(h.landed):>9}"
        f"{_count(h.not_landed):>11}"
        for h in found.claim_hours
    ]
    return "\n".join(lines)


def _count(number: int | None) -> str:
    return "-" if number is None else str(number)


def table(found: "Reconciliation") -> str:
    """The reconciliation as lines: what must be equal stands together."""
    rows = [
        ("notes", found.notes, "versions in the note topic"),
        ("claims", found.claims, "note versions with a claim"),
        ("dead letters", found.dead_letters, "refused, bytes kept"),
        ("in flight", found.in_flight, "not acknowledged yet"),
        ("missing", found.missing, "acknowledged, no outcome"),
        ("doubled", found.doubled, "more than one claim"),
        ("repeats", found.repeats, "the same event again, harmless"),
        ("claim events", found.claim_events, "different claims in the claim topic"),
    ]
    if found.landed is not None and found.not_landed is not None:
        rows += [
            ("landed rows", found.landed, "claims in the lake"),
            ("not landed", found.not_landed, "claims that the lake lacks"),
        ]
    lines = [f"{name:<13}{count:>9}  {meaning}" for name, count, meaning in rows]
    lines += [
        f"  {f.problem}: note {f.note_id or 'undecodable'} at {f.topic} partition {f.partition} "
        f"offset {f.offset}"
        for f in found.findings
    ]
    return "\n".join(lines)
