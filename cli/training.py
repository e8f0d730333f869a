"""train: the rankers, offline."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.labelled import (
    DAY,
    LABELLED,
    NEW,
    TEST_NOTES,
    TEST_SEED,
    figure_lines,
    set_name,
    synthetic,
    tracked,
)
from cli.progress import bars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clinical_coding.note import LabelledNote
    from runtime.bundle_files import BundleDescription
    from training.data_sets import DataSet

HELD_OUT_SHARE = 4  # one held-out note to so many that the ranker is fitted on
HELD_OUT_SEED = 500_000  # far from the seeds of the others


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
        test=synthetic(TEST_NOTES, TEST_SEED, "held-out"),
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
    click.echo(figure_lines(f"synthetic, {NEW}", made.metrics))
    if track:
        click.echo(f"run       {_tracked(made, out)}")


def _synthetic_set(notes: int, seed: int) -> "DataSet":
    from training.data_sets import DataSet

    held_out = synthetic(notes // HELD_OUT_SHARE, seed + HELD_OUT_SEED, "held-out")
    return DataSet(
        name="synthetic encounters and their assessments",
        train=_varied(synthetic(notes, seed, "train"), seed),
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
    return DataSet(name=set_name(file), train=fit_on, held_out=held_out)


def _tracked(made: "BundleDescription", out: Path) -> str:
    from training.tracking import EXPERIMENT, Run, git_revision

    return tracked(
        Run(
            experiment=EXPERIMENT,
            parameters=dict(made.data) | {"git_revision": git_revision()},
            metrics=made.metrics,
            folder=out,
            called="bundle",
        )
    )
