"""tail, reconcile: what became of the notes."""

import json
import sys
from dataclasses import asdict
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
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def reconcile(context: click.Context, *, wait_s: float, lake: bool, as_json: bool) -> None:
    """Hold note topic, claims, dead letters and lake against one another by id.

    Exit 1 when a note has no outcome or more than one, or a claim is not in the lake.

    \b
    Examples:
      codemychart reconcile
      codemychart reconcile --wait 60 --json
      codemychart reconcile --no-lake
    """
    import time

    deadline = time.monotonic() + wait_s
    with bars() as progress:
        found = reconciled(progress, lake=lake)
        while not found.is_complete and time.monotonic() < deadline:
            time.sleep(min(LOOK_S, wait_s))
            found = reconciled(progress, lake=lake)
    click.echo(json.dumps(asdict(found)) if as_json else table(found))
    context.exit(int(found.has_loss or bool(found.not_landed)))


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
