"""train, evaluate: the ranker, offline."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.progress import bars

if TYPE_CHECKING:
    from clinical_coding.note import LabelledNote
    from runtime.bundle_files import BundleDescription
    from training.data_sets import DataSet
    from training.metrics import Report

HELD_OUT_SHARE = 4  # one held-out note to so many that the ranker is fitted on
HELD_OUT_SEED, TEST_SEED = 500_000, 1_000_003  # far from any seed that training uses
TEST_NOTES = 500
DAY = click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), default="2026-06-01", show_default=True,
    help="Date of service of notes that have none.",
)  # fmt: skip
LABELLED = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--notes", type=click.IntRange(40), default=4000, show_default=True,
              help="Synthetic notes to fit on; a quarter as many are held out.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--data", "files", multiple=True, type=LABELLED,
              help="Labelled JSONL to fit on as well; a fifth of it is held out.")  # fmt: skip
@DAY
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True,
              help="Folder for the bundle.")  # fmt: skip
@click.option("--track/--no-track", default=True, show_default=True,
              help="Log the run to MLflow (MLFLOW_TRACKING_URI, else the state folder).")  # fmt: skip
def train(
    *, notes: int, seed: int, files: tuple[Path, ...], day: datetime, out: Path, track: bool
) -> None:
    """Fit the ranker on synthetic encounters and write a model bundle.

    The held-out notes name conditions in words that the fitted notes do not use. A file of yours is
    JSONL, gzipped or not, with id, text, codes and, where known, age and sex. The same options give
    the same bundle, to the byte.

    \b
    Examples:
      codemychart train --out build/bundle
      codemychart train --notes 8000 --seed 7 --out build/bundle
      codemychart train --data labelled.jsonl.gz --out build/bundle
      CMC_MODEL_BUNDLE_DIR=build/bundle codemychart code note.txt
    """
    from clinical_coding.claim import Profile
    from runtime import encoder
    from runtime.bundle_files import SHIPPED_BUNDLE
    from runtime.model_bundle import load_sources
    from runtime.settings import FolderSettings, ModelSettings, read
    from training.evaluate import evaluate as measured
    from training.evaluate import rounded
    from training.train import train_bundle

    sets = [_synthetic_set(notes, seed), *(_file_set(file, seed, day) for file in files)]
    folders = read(FolderSettings)
    with bars() as progress:
        sources = load_sources(
            SHIPPED_BUNDLE, encoder.model_folder(), read(ModelSettings), folders, progress
        )
        made, parts = train_bundle(sets, sources, seed, out, progress)
        found = measured(_synthetic(TEST_NOTES, TEST_SEED, "held-out"), parts, Profile.CLAIM, progress)
    click.echo(f"bundle    {out}")
    click.echo(
        f"bands     submit from {made.thresholds.submit}, review from {made.thresholds.review}"
    )
    click.echo(_lines(f"synthetic, {NEW}", found))
    if track:
        click.echo(f"run       {_tracked(made, rounded(found), out)}")


NEW = "new words"


def _synthetic_set(notes: int, seed: int) -> "DataSet":
    from training.data_sets import DataSet, with_unknown_patients

    return DataSet(
        name="synthetic",
        train=with_unknown_patients(_synthetic(notes, seed, "train"), seed),
        held_out=with_unknown_patients(
            _synthetic(notes // HELD_OUT_SHARE, seed + HELD_OUT_SEED, "held-out"), seed
        ),
        description="synthetic encounters",
    )


def _file_set(file: Path, seed: int, day: datetime) -> "DataSet":
    from training.data_sets import DataSet, split
    from training.labelled_files import read_labelled

    fit_on, held_out = split(read_labelled(file, day.date()), seed)
    return DataSet(name=file.name, train=fit_on, held_out=held_out, description=file.name)


def _synthetic(notes: int, seed: int, words: "Literal['train', 'held-out']") -> "list[LabelledNote]":
    from producers.synthetic import encounters

    return [note.labelled() for note in encounters(notes, seed, wordings=words)]


def _tracked(made: "BundleDescription", figures: dict[str, float], out: Path) -> str:
    from runtime.settings import FolderSettings, TrackingSettings, read
    from training.tracking import log_run
    from training.train import git_revision

    folder = read(FolderSettings).state_dir
    folder.mkdir(parents=True, exist_ok=True)
    given = read(TrackingSettings).uri
    store = (given, None) if given else (f"sqlite:///{folder}/mlflow.db", folder / "mlruns")
    parameters = dict(made.data) | {"git_revision": git_revision()}
    return f"{log_run(store, parameters, figures, out)} in {store[0]}"


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--profile", type=click.Choice(["claim", "mentions"]), default="claim",
              show_default=True, help="What the files' codes are.")  # fmt: skip
@click.option("--notes", type=click.IntRange(0), default=TEST_NOTES, show_default=True,
              help="Synthetic notes to evaluate on.")  # fmt: skip
@DAY
@click.option("--bundle", type=click.Path(file_okay=False, path_type=Path),
              help="Evaluate this one, not that of CMC_MODEL_BUNDLE_DIR or the shipped one.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object per data set.")
@click.option("--report", "folder", type=click.Path(file_okay=False, path_type=Path),
              help="Also write evaluation.json and evaluation.md into this folder.")  # fmt: skip
def evaluate(  # noqa: PLR0913 - one parameter for each option
    *,
    files: tuple[Path, ...],
    profile: str,
    notes: int,
    day: datetime,
    bundle: Path | None,
    as_json: bool,
    folder: Path | None,
) -> None:
    """Hold the bundle against synthetic notes and against labelled files.

    A file is JSONL, gzipped or not, with id, text, codes and, where known, age and sex; one that is
    not there is skipped with a message. Synthetic notes are told in words that training has seen
    and, apart, in words that it has not.

    \b
    Examples:
      codemychart evaluate
      codemychart evaluate dev.jsonl.gz --profile mentions --json
      codemychart evaluate --bundle build/bundle --report build/report
    """
    from clinical_coding.claim import Profile
    from runtime.model_bundle import load_bundle
    from runtime.settings import FolderSettings, ModelSettings, read
    from training.evaluate import evaluate as measured
    from training.evaluate import write_reports

    sets = _synthetic_tests(notes) | _files(files, Profile(profile), day)
    reports: dict[str, Report] = {}
    with bars() as progress:
        models = read(ModelSettings)
        chosen = models.model_copy(update={"bundle_dir": bundle}) if bundle else models
        loaded = load_bundle(chosen, read(FolderSettings), progress)
        for name, (labelled, asked) in sets.items():
            reports[name] = measured(labelled, loaded.parts, asked, progress)
            click.echo((_json if as_json else _lines)(name, reports[name]))
    if folder is not None:
        write_reports(reports, loaded.model_version, folder)


LabelledSets = "dict[str, tuple[list[LabelledNote], Profile]]"


def _json(name: str, found: "Report") -> str:
    from training.evaluate import rounded

    return json.dumps({"set": name} | rounded(found))


def _lines(name: str, found: "Report") -> str:
    from training.evaluate import rounded

    rows = [f"  {k.replace('_', ' '):<18}{v:>8.3f}" for k, v in rounded(found).items() if k != "notes"]
    return "\n".join([f"{name}: {found.notes} notes", *rows])
