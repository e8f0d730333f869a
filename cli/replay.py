"""replay: history coded again, compared, and swapped in or dropped."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.moments import MomentType
from cli.progress import bars

if TYPE_CHECKING:
    from cli.replay_run import Artifact
    from runtime.model_bundle import ModelBundle
    from runtime.progress import Progress
    from runtime.replay_runs import ReplayPlan, ReplayState, RunFolder


@click.group(invoke_without_command=True)
@click.option("--since", type=MomentType(), help="The first note published at or after it.")
@click.option("--until", type=MomentType(), help="Up to before the first note at or after it.")
@click.option("--encounter", "encounters", multiple=True, metavar="ID",
              help="Only notes of this encounter; may be given several times.")  # fmt: skip
@click.option("--model", metavar="V", help="A bundle's folder, or the model version of its claims.")
@click.option("--code-set", "code_sets", metavar="FOLDER",
              type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Further ICD-10-CM releases; default: CMC_CODE_SETS.")  # fmt: skip
@click.option("--into", metavar="TOPIC", help="A new topic for the claims; default: the run's own.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.pass_context
def replay(  # noqa: PLR0913 - one parameter for each option
    context: click.Context,
    *,
    since: datetime | None,
    until: datetime | None,
    encounters: tuple[str, ...],
    model: str | None,
    code_sets: Path | None,
    into: str | None,
    as_json: bool,
) -> None:
    """Code the notes of a window again with another model or code set, and tell what would change.

    The claims go into a shadow topic of their own; neither the worker's group nor the claim topic is
    touched. Killed or interrupted, the same command goes on where it was; the report is in the state
    folder. Then `promote` publishes the claims as superseding ones, or `drop` removes them.

    \b
    Examples:
      codemychart replay --since 2026-03-01 --until 2026-04-01 --model build/bundle
      codemychart replay --since 2026-10-01 --until 2026-10-08 --model 2-1f3a9c07 --code-set fy2027/
      codemychart replay --since 2026-03-02T08:00 --until 2026-03-02T12:00 --model build/bundle \\
        --encounter encounter-0001 --json
      codemychart replay list
      codemychart replay promote 3fa9c1d20b4e
      codemychart replay drop 3fa9c1d20b4e
    """
    if context.invoked_subcommand is not None:
        return
    if since is None or until is None or model is None:
        raise click.UsageError("expected --since, --until and --model")
    from cli.replay_run import Window, replay_window
    from consumers.replay_report import PAGE, json_of, told
    from runtime.replay_runs import run_folder
    from runtime.settings import FolderSettings, read

    _check_window(since, until)
    window = Window(since=since, until=until, encounters=encounters, into=into)
    with bars() as progress:
        report = replay_window(_artifact(model, code_sets, progress), window, progress)
    if as_json:
        click.echo(json_of(report))
        return
    click.echo("\n".join(told(report)))
    click.echo(
        f"run {report.run}: {run_folder(read(FolderSettings).state_dir, report.run).path / PAGE}"
    )


@replay.command()
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON object.")
def promote(run: str, *, as_json: bool) -> None:
    """Publish a run's claims to the claim topic, each superseding the claim that counts now.

    A claim that counts already is left out, so a repeat after a kill publishes what is left.

    \b
    Example:
      codemychart replay promote 3fa9c1d20b4e
    """
    from cli.replay_run import promote_run

    folder, plan, state = _found(run)
    if state is None or not state.is_complete:
        raise click.UsageError(f"expected a complete run; got {run}, which is not: replay it first")
    with bars() as progress:
        done = promote_run(folder, plan, progress)
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    click.echo(
        f"{done.published} claims published; left out: {done.current} count already, "
        f"{done.outdated} are of a note with a later version, {done.superseded} had been replaced"
    )


@replay.command()
@click.argument("run")
def drop(run: str) -> None:
    """Delete a run's topic and its folder with the report; claims that were promoted stay.

    \b
    Example:
      codemychart replay drop 3fa9c1d20b4e
    """
    from cli.replay_run import drop_run

    folder, plan, _ = _found(run)
    with bars() as progress:
        drop_run(folder, plan, progress)
    click.echo(f"dropped {run} and the topic {plan.topic}")


@replay.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a run.")
def list_runs(*, as_json: bool) -> None:
    """Show every run: its window, its model, how far it is and whether it was promoted.

    \b
    Examples:
      codemychart replay list
      codemychart replay list --json | jq -r .run
    """
    from runtime.replay_runs import runs
    from runtime.settings import FolderSettings, read

    for folder in runs(read(FolderSettings).state_dir):
        _, plan, state = _found(folder.name)
        row = _row(folder.name, plan, state)
        click.echo(json.dumps(row) if as_json else "  ".join(map(str, row.values())))


def _row(run: str, plan: "ReplayPlan", state: "ReplayState | None") -> dict[str, object]:
    share = state.read / plan.records if state and plan.records else 0
    standing = f"at {share:.0%}"
    if state and state.is_complete:
        standing = "promoted" if state.promoted_at else "complete"
    return {
        "run": run,
        "since": plan.request.since.isoformat(),
        "until": plan.request.until.isoformat(),
        "model_version": plan.request.model_version,
        "records": plan.records,
        "state": standing,
        "topic": plan.topic,
    }


def _found(run: str) -> "tuple[RunFolder, ReplayPlan, ReplayState | None]":
    from runtime.replay_runs import run_folder
    from runtime.settings import FolderSettings, read

    folder = run_folder(read(FolderSettings).state_dir, run)
    plan = folder.plan()
    if plan is None:
        raise click.UsageError(f"expected a run of `codemychart replay list`; got {run}")
    return folder, plan, folder.state()


def _check_window(since: datetime, until: datetime) -> None:
    from runtime.clock import now

    if not since < until <= now():
        raise click.UsageError("expected --since before --until, and --until not in the future")


def _artifact(model: str, code_sets: Path | None, progress: "Progress") -> "Artifact":
    from cli.replay_run import Artifact
    from runtime.bundle_files import find_bundle
    from runtime.model_bundle import load_bundle
    from runtime.settings import FolderSettings, ModelSettings, read
    from streams.note_coder import engine_coder

    models, folders = read(ModelSettings), read(FolderSettings)
    near = [models.bundle_dir.parent] if models.bundle_dir else []
    models = models.model_copy(update={"bundle_dir": find_bundle(model, near)})
    if code_sets is not None:
        folders = folders.model_copy(update={"code_sets": code_sets})
    bundle = load_bundle(models, folders, progress)
    used = folders.code_sets
    return Artifact(
        coder=engine_coder(bundle),
        code_sets=str(used.resolve()) if used else None,
        chapter_of=lambda code: _chapter(bundle, code),
    )


def _chapter(bundle: "ModelBundle", code: str) -> int | None:
    releases = (release.code_set for release in bundle.parts.releases)
    return next((known.entry(code).chapter for known in releases if code in known), None)
