"""train, evaluate: the ranker, offline."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.progress import bars

if TYPE_CHECKING:
    from clinical_coding.note import LabelledNote
    from training.metrics import Report

HELD_OUT_SHARE = 4  # one held-out note to so many that the ranker is fitted on
EVALUATION_SEED = 1_000_003  # far from any seed that training uses


@click.command()
@click.option("--notes", type=click.IntRange(40), default=4000, show_default=True,
              help="Synthetic notes to fit on; a quarter as many are held out.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True,
              help="Folder for the bundle.")  # fmt: skip
@click.option("--track/--no-track", default=True, show_default=True,
              help="Log the run to MLflow (MLFLOW_TRACKING_URI, else the state folder).")  # fmt: skip
def train(*, notes: int, seed: int, out: Path, track: bool) -> None:
    """Fit the ranker on synthetic encounters and write a model bundle.

    The held-out notes name conditions in words that the fitted notes do not use. The same options
    give the same bundle, to the byte.

    \b
    Examples:
      codemychart train --out build/bundle
      codemychart train --notes 8000 --seed 7 --out build/bundle
      CMC_MODEL_BUNDLE_DIR=build/bundle codemychart code note.txt
    """
    from producers.synthetic import encounters
    from runtime import encoder
    from runtime.bundle_files import SHIPPED_BUNDLE
    from runtime.model_bundle import load_sources
    from runtime.settings import FolderSettings, ModelSettings, TrackingSettings, read
    from training.tracking import log_run
    from training.train import TrainingData, git_revision, train_bundle

    folders = read(FolderSettings)
    fit_on = [n.labelled() for n in encounters(notes, seed, wordings="train")]
    held_out = [
        n.labelled()
        for n in encounters(notes // HELD_OUT_SHARE, seed + 500_000, wordings="held-out")
    ]
    described: dict[str, str | int] = {"source": "synthetic encounters", "seed": seed}
    data = TrainingData(train=fit_on, held_out=held_out, description=described)
    with bars() as progress:
        sources = load_sources(
            SHIPPED_BUNDLE, encoder.model_folder(), read(ModelSettings), folders, progress
        )
        made = train_bundle(data, sources, seed, out, progress)
    click.echo(f"bundle    {out}")
    click.echo(
        f"bands     submit from {made.thresholds.submit}, review from {made.thresholds.review}"
    )
    for name, value in made.metrics.items():
        click.echo(f"{name:<26}{value}")
    if track:
        folders.state_dir.mkdir(parents=True, exist_ok=True)
        given = read(TrackingSettings).uri
        local = (f"sqlite:///{folders.state_dir}/mlflow.db", folders.state_dir / "mlruns")
        store = (given, None) if given else local
        parameters = dict(made.data) | {"git_revision": git_revision()}
        click.echo(f"run       {log_run(store, parameters, made.metrics, out)} in {store[0]}")


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--profile", type=click.Choice(["claim", "mentions"]), default="claim",
              show_default=True, help="What the files' codes are.")  # fmt: skip
@click.option("--notes", type=click.IntRange(1), default=500, show_default=True,
              help="Synthetic notes to evaluate on.")  # fmt: skip
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), default="2026-03-02", show_default=True,
              help="Date of service of notes that have none.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object per data set.")
def evaluate(
    *, files: tuple[Path, ...], profile: str, notes: int, day: date, as_json: bool
) -> None:
    """Hold the bundle against synthetic notes and against labelled files.

    A file is JSONL, gzipped or not, with id, text, codes and, where known, age and sex. Synthetic
    notes are told in words that training has seen and, apart, in words that it has not.

    \b
    Examples:
      codemychart evaluate
      codemychart evaluate dev.jsonl.gz --profile mentions --json
    """
    from clinical_coding.claim import Profile
    from runtime.model_bundle import load_bundle
    from runtime.settings import FolderSettings, ModelSettings, read
    from training.evaluate import evaluate as measured
    from training.evaluate import read_labelled

    sets = {f"synthetic, {w} words": _synthetic(notes, w) for w in ("known", "new")}
    for path in files:
        if path.exists():
            sets[path.name] = list(read_labelled(path, day))
        else:
            click.echo(f"skipped {path}: there is no such file", err=True)
    with bars() as progress:
        bundle = load_bundle(read(ModelSettings), read(FolderSettings), progress)
        for name, labelled in sets.items():
            asked = Profile.CLAIM if name.startswith("synthetic") else Profile(profile)
            found = measured(labelled, bundle.parts, asked, progress)
            click.echo(_json(name, found) if as_json else _lines(name, found))


def _synthetic(notes: int, words: str) -> "list[LabelledNote]":
    from producers.synthetic import encounters

    told = encounters(notes, EVALUATION_SEED, wordings="train" if words == "known" else "held-out")
    return [note.labelled() for note in told]


def _json(name: str, found: "Report") -> str:
    return json.dumps({"set": name, **{k: round(v, 4) for k, v in asdict(found).items()}})


def _lines(name: str, found: "Report") -> str:
    figures = asdict(found)
    rows = [f"  {k.replace('_', ' '):<18}{v:>8.3f}" for k, v in figures.items() if k != "notes"]
    return "\n".join([f"{name}: {found.notes} notes", *rows])
