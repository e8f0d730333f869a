"""train, evaluate: the ranker, offline."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.progress import bars

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clinical_coding.claim import Profile
    from clinical_coding.note import LabelledNote
    from producers.synthetic.conditions import Wordings
    from runtime.bundle_files import BundleDescription
    from training.data_sets import DataSet

    LabelledSets = dict[str, tuple[list[LabelledNote], Profile]]

HELD_OUT_SHARE = 4  # one held-out note to so many that the ranker is fitted on
HELD_OUT_SEED, TEST_SEED = 500_000, 1_000_003  # far from any seed that training uses
TEST_NOTES = 500
KNOWN, NEW = "known words", "new words"
DAY = click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), default="2026-06-01", show_default=True,
    help="Date of service of notes that have none.",
)  # fmt: skip
LABELLED = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--notes", type=click.IntRange(40), default=4000, show_default=True,
              help="Synthetic notes to fit on; a quarter as many are held out.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--claims", "files", multiple=True, type=LABELLED,
              help="Labelled JSONL of claims to fit on as well; a fifth of it is held out.")  # fmt: skip
@click.option("--mentions", type=LABELLED,
              help="Labelled JSONL with every documented condition coded, to learn from.")  # fmt: skip
@click.option("--attribution", default="", help="Whom the bundle must name for that data.")
@DAY
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True,
              help="Folder for the bundle.")  # fmt: skip
@click.option("--track/--no-track", default=True, show_default=True,
              help="Log the run to MLflow (MLFLOW_TRACKING_URI, else the state folder).")  # fmt: skip
def train(  # noqa: PLR0913 - one parameter for each option
    *,
    notes: int,
    seed: int,
    files: tuple[Path, ...],
    mentions: Path | None,
    attribution: str,
    day: datetime,
    out: Path,
    track: bool,
) -> None:
    """Fit the rankers and write a model bundle.

    Claims are fitted on synthetic encounters; the held-out ones name conditions in words that the
    fitted ones do not use. What a bundle knows of every documented condition it learns from a file of
    --mentions: words that stand for a code there are words of the bundle, so learn only from notes
    whose words you may pass on. A file is JSONL, gzipped or not, with id, text, codes and, where
    known, age and sex. The same options give the same bundle, to the byte, on one machine.

    \b
    Examples:
      codemychart train --out build/bundle
      codemychart train --notes 8000 --seed 7 --out build/bundle
      codemychart train --mentions codiesp/train.jsonl.gz --attribution "CodiEsp, CC BY 4.0" \\
        --out build/bundle
      CMC_MODEL_BUNDLE_DIR=build/bundle codemychart code note.txt
    """
    from runtime import encoder
    from runtime.bundle_files import SHIPPED_BUNDLE
    from runtime.model_bundle import load_sources
    from runtime.settings import FolderSettings, ModelSettings, read
    from training.labelled_files import read_labelled
    from training.train import Recipe, train_bundle

    recipe = Recipe(
        claims=[_synthetic_set(notes, seed), *(_file_set(file, seed, day) for file in files)],
        mentions=list(read_labelled(mentions, day.date())) if mentions else (),
        test=_synthetic(TEST_NOTES, TEST_SEED, "held-out"),
        seed=seed,
        attribution=attribution,
    )
    with bars() as progress:
        sources = load_sources(
            SHIPPED_BUNDLE,
            encoder.model_folder(),
            read(ModelSettings),
            read(FolderSettings),
            progress,
        )
        made = train_bundle(recipe, sources, out, progress)
    click.echo(f"bundle    {out}")
    for profile, ranking in made.rankings.items():
        bar = ranking.thresholds
        click.echo(f"{profile:<10}submit from {bar.submit}, review from {bar.review}")
    click.echo(_lines(f"synthetic, {NEW}", made.metrics))
    if track:
        click.echo(f"run       {_tracked(made, out)}")


def _synthetic_set(notes: int, seed: int) -> "DataSet":
    from training.data_sets import DataSet

    held_out = _synthetic(notes // HELD_OUT_SHARE, seed + HELD_OUT_SEED, "held-out")
    return DataSet(
        name="synthetic encounters and their assessments",
        train=_varied(_synthetic(notes, seed, "train"), seed),
        held_out=_varied(held_out, seed),
    )


def _varied(notes: "list[LabelledNote]", seed: int) -> "Sequence[LabelledNote]":
    """The notes and, shorter, their assessments, half of the patients unknown."""
    from training.data_sets import with_unknown_patients
    from training.excerpts import assessments

    return with_unknown_patients([*notes, *assessments(notes)], seed)


def _file_set(file: Path, seed: int, day: datetime) -> "DataSet":
    from training.data_sets import DataSet, split
    from training.labelled_files import read_labelled

    fit_on, held_out = split(read_labelled(file, day.date()), seed)
    return DataSet(name=_name(file), train=fit_on, held_out=held_out)


def _synthetic(notes: int, seed: int, words: "Wordings") -> "list[LabelledNote]":
    from producers.synthetic import encounters

    return [note.labelled() for note in encounters(notes, seed, wordings=words)]


def _tracked(made: "BundleDescription", out: Path) -> str:
    from runtime.settings import FolderSettings, TrackingSettings, read
    from training.tracking import log_run
    from training.train import git_revision

    folder = read(FolderSettings).state_dir
    folder.mkdir(parents=True, exist_ok=True)
    given = read(TrackingSettings).uri
    store = (given, None) if given else (f"sqlite:///{folder}/mlflow.db", folder / "mlruns")
    parameters = dict(made.data) | {"git_revision": git_revision()}
    return f"{log_run(store, parameters, made.metrics, out)} in {store[0]}"


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
    from training.evaluate import rounded, write_reports

    sets = _synthetic_tests(notes) | _file_tests(files, Profile(profile), day)
    models = read(ModelSettings)
    chosen = models.model_copy(update={"bundle_dir": bundle}) if bundle else models
    reports = {}
    with bars() as progress:
        loaded = load_bundle(chosen, read(FolderSettings), progress)
        for name, (labelled, asked) in sets.items():
            reports[name] = measured(labelled, loaded.parts, asked, progress)
    for name, found in reports.items():
        row = rounded(found)
        click.echo(json.dumps({"set": name} | row) if as_json else _lines(name, row))
    if folder is not None:
        write_reports(reports, loaded.model_version, folder)


def _synthetic_tests(notes: int) -> "LabelledSets":
    from clinical_coding.claim import Profile

    kinds: tuple[tuple[str, Wordings], ...] = ((KNOWN, "train"), (NEW, "held-out"))
    return {
        f"synthetic, {name}": (_synthetic(notes, TEST_SEED, words), Profile.CLAIM)
        for name, words in kinds
        if notes
    }


def _file_tests(files: tuple[Path, ...], profile: "Profile", day: datetime) -> "LabelledSets":
    from training.labelled_files import read_labelled

    sets: LabelledSets = {}
    for file in files:
        if file.exists():
            sets[_name(file)] = list(read_labelled(file, day.date())), profile
        else:
            click.echo(f"skipped {file}: there is no such file", err=True)
    return sets


def _name(file: Path) -> str:
    return f"{file.absolute().parent.name}/{file.name}"


def _lines(name: str, figures: "Mapping[str, float]") -> str:
    rows = [
        f"  {figure.replace('_', ' '):<18}{value:>8.3f}"
        for figure, value in figures.items()
        if figure != "notes"
    ]
    return "\n".join([f"{name}: {figures['notes']:.0f} notes", *rows])
