"""What train and evaluate share: labelled notes, figures on the screen, runs in MLflow."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from clinical_coding.note import LabelledNote
    from producers.synthetic.conditions import Wordings
    from training.tracking import Run

TEST_NOTES, TEST_SEED = 500, 1_000_003  # far from any seed that training uses
KNOWN, NEW = "known words", "new words"
DAY = click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), default="2026-06-01", show_default=True,
    help="Date of service of notes that have none.",
)  # fmt: skip
LABELLED = click.Path(exists=True, dir_okay=False, path_type=Path)


def synthetic(count: int, seed: int, words: "Wordings") -> "list[LabelledNote]":
    """Synthetic encounters with their codes."""
    from producers.synthetic import encounters

    return [note.labelled() for note in encounters(count, seed, wordings=words)]


def set_name(file: Path) -> str:
    """A labelled file as reports name it: its folder and its own name."""
    return f"{file.absolute().parent.name}/{file.name}"


def figure_lines(name: str, figures: Mapping[str, float]) -> str:
    """The figures below each other, for a reader."""
    rows = [
        f"  {figure.replace('_', ' '):<32}{value:>8.3f}"
        for figure, value in figures.items()
        if figure != "notes"
    ]
    return "\n".join([f"{name}: {figures['notes']:.0f} notes", *rows])


def tracked(run: "Run") -> str:
    """Log a run; returns its id and where it lies."""
    from runtime.settings import FolderSettings, TrackingSettings, read
    from training.tracking import log_run

    folder = read(FolderSettings).state_dir
    folder.mkdir(parents=True, exist_ok=True)
    given = read(TrackingSettings).uri
    store = (given, None) if given else (f"sqlite:///{folder}/mlflow.db", folder / "mlruns")
    return f"{log_run(store, run)} in {store[0]}"
