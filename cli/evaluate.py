"""evaluate: one report on how well a bundle codes labelled notes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from cli.labelled import (
    DAY,
    KNOWN,
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
    from clinical_coding.claim import Profile
    from producers.synthetic.conditions import Wordings
    from runtime.progress import Progress
    from training.baseline import Baseline
    from training.evaluate import LabelledSet
    from training.evaluation_report import Report

BASELINE_SEED = 1
KNOWN_SETS = {"codiesp_en/dev.jsonl.gz": "mentions", "aci_bench/dev.jsonl.gz": "claim"}
FILE = click.Path(path_type=Path)


@click.command()
@click.argument("files", nargs=-1, type=FILE)
@click.option("--profile", type=click.Choice(["claim", "mentions"]), default="claim",
              show_default=True, help="What the codes of FILES are.")  # fmt: skip
@click.option("--claims", multiple=True, type=FILE, help="Labelled JSONL with the codes of claims.")
@click.option("--mentions", multiple=True, type=FILE,
              help="Labelled JSONL with every documented condition coded.")  # fmt: skip
@click.option("--data", multiple=True, type=FILE,
              help="A folder with codiesp_en/ and aci_bench/: the development part of each, under its own "
                   "profile; or one of these files.")  # fmt: skip
@click.option("--notes", type=click.IntRange(0), default=TEST_NOTES, show_default=True,
              help="Synthetic notes to evaluate on.")  # fmt: skip
@DAY
@click.option("--bundle", type=click.Path(file_okay=False, path_type=Path),
              help="Evaluate this one, not that of CMC_MODEL_BUNDLE_DIR or the shipped one.")  # fmt: skip
@click.option("--baseline", is_flag=True,
              help="Fit the classic way, too (some minutes), and compare.")  # fmt: skip
@click.option("--baseline-notes", type=click.IntRange(40), default=4000, show_default=True,
              help="Synthetic notes that it is fitted on for claims.")  # fmt: skip
@click.option("--baseline-mentions", type=LABELLED,
              help="Labelled JSONL that it is fitted on for mentions; else the synthetic notes.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object per data set.")
@click.option("--report", "folder", type=click.Path(file_okay=False, path_type=Path),
              help="Write evaluation.json, evaluation.md and images/ into this folder.")  # fmt: skip
@click.option("--remark", "remarks", multiple=True, help="A sentence that the report begins with.")
@click.option("--track", is_flag=True,
              help="Log the report to MLflow (MLFLOW_TRACKING_URI, else the state folder).")  # fmt: skip
def evaluate(  # noqa: PLR0913 - one parameter for each option
    *,
    files: tuple[Path, ...],
    profile: str,
    claims: tuple[Path, ...],
    mentions: tuple[Path, ...],
    data: tuple[Path, ...],
    notes: int,
    day: datetime,
    bundle: Path | None,
    baseline: bool,
    baseline_notes: int,
    baseline_mentions: Path | None,
    as_json: bool,
    folder: Path | None,
    remarks: tuple[str, ...],
    track: bool,
) -> None:
    """Hold the bundle against synthetic notes and against labelled files.

    A file is JSONL, gzipped or not, with id, text, codes and, where known, age and sex; one that is
    not there is skipped with a message. Synthetic notes are told in words that training has seen
    and, apart, in words that it has not. What each figure means stands in the report.

    \b
    Examples:
      codemychart evaluate
      codemychart evaluate --data data/
      codemychart evaluate dev.jsonl.gz --profile mentions --json
      codemychart evaluate --claims visits.jsonl --mentions reports.jsonl.gz --report build/report
      codemychart evaluate --mentions dev.jsonl.gz --baseline --baseline-mentions train.jsonl.gz
    """
    from clinical_coding.claim import Profile
    from runtime.model_bundle import load_bundle
    from runtime.settings import FolderSettings, ModelSettings, read
    from training.evaluate import evaluate_set
    from training.evaluation_report import Report, write_report
    from training.tracking import git_revision

    of_profile = {Profile.CLAIM: [*claims], Profile.MENTIONS: [*mentions]}
    of_profile[Profile(profile)] += files
    for file, kind in _known_sets(data, profile):
        of_profile[Profile(kind)].append(file)
    sets = [*_synthetic_sets(notes), *_file_sets(of_profile, day)]
    models = read(ModelSettings)
    chosen = models.model_copy(update={"bundle_dir": bundle}) if bundle else models
    with bars() as progress:
        loaded = load_bundle(chosen, read(FolderSettings), progress)
        training = _training_files(sets, baseline_mentions) if baseline else {}
        classic = _baselines(training, baseline_notes, day, progress)
        found = tuple(
            evaluate_set(one, loaded.parts, classic.get(one.profile), progress) for one in sets
        )
    report = Report(
        model_version=loaded.model_version,
        code_set=loaded.code_set_version,
        git_revision=git_revision(),
        command=_command(of_profile, notes, training, baseline_notes),
        sets=found,
        remarks=remarks,
    )
    _show(report, as_json=as_json)
    if folder is not None:
        write_report(report, folder)
    if track:
        click.echo(f"run       {_tracked(report)}", err=as_json)


def _known_sets(data: Sequence[Path], otherwise: str) -> Iterator[tuple[Path, str]]:
    """Files with the profile of their set, that of ``--profile`` where it is none we know."""
    for path in data:
        if path.is_dir():
            yield from ((path / name, kind) for name, kind in KNOWN_SETS.items())
        else:
            yield path, KNOWN_SETS.get("/".join(path.parts[-2:]), otherwise)


def _synthetic_sets(notes: int) -> "Iterator[LabelledSet]":
    from clinical_coding.claim import Profile
    from training.data_sets import digest_of_notes
    from training.evaluate import LabelledSet

    kinds: tuple[tuple[str, Wordings], ...] = ((KNOWN, "train"), (NEW, "held-out"))
    for kind, words in kinds if notes else ():
        made = synthetic(notes, TEST_SEED, words)
        yield LabelledSet(
            name=f"synthetic, {kind}",
            sha256=digest_of_notes(made),
            notes=made,
            profile=Profile.CLAIM,
        )


def _file_sets(
    of_profile: "Mapping[Profile, Sequence[Path]]", day: datetime
) -> "Iterator[LabelledSet]":
    from runtime.bundle_files import digest_of
    from training.evaluate import LabelledSet
    from training.labelled_files import read_labelled

    for profile, files in of_profile.items():
        for file in files:
            if not file.exists():
                click.echo(f"skipped {file}: there is no such file", err=True)
                continue
            notes = list(read_labelled(file, day.date()))
            yield LabelledSet(
                name=set_name(file), sha256=digest_of(file), notes=notes, profile=profile
            )


def _training_files(
    sets: "Sequence[LabelledSet]", mentions: Path | None
) -> "dict[Profile, Path | None]":
    """For each profile that is asked, what a baseline is fitted on: None for synthetic notes."""
    from clinical_coding.claim import Profile

    return {one.profile: mentions if one.profile is Profile.MENTIONS else None for one in sets}


def _baselines(
    training: "Mapping[Profile, Path | None]", notes: int, day: datetime, progress: "Progress"
) -> "dict[Profile, Baseline]":
    """One for each profile; two that would be fitted on the same notes are one."""
    from runtime.encoder import model_folder
    from training.baseline import MAX_TOKENS, fit_baseline
    from training.labelled_files import read_labelled
    from training.reference_encoder import ReferenceEncoder

    fitted: dict[Path | None, Baseline] = {}
    for file in dict.fromkeys(training.values()):
        told = read_labelled(file, day.date()) if file else synthetic(notes, BASELINE_SEED, "train")
        encoder = ReferenceEncoder(model_folder(), MAX_TOKENS)
        fitted[file] = fit_baseline(list(told), encoder, BASELINE_SEED, progress)
    return {profile: fitted[file] for profile, file in training.items()}


def _command(
    of_profile: "Mapping[Profile, Sequence[Path]]",
    notes: int,
    training: "Mapping[Profile, Path | None]",
    baseline_notes: int,
) -> str:
    """The command as another machine would run it: files by their set's name."""
    options = {"claim": "--claims", "mentions": "--mentions"}
    words = ["codemychart evaluate", f"--notes {notes}"]
    words += [f"{options[p]} {set_name(file)}" for p, files in of_profile.items() for file in files]
    if training:
        words.append(f"--baseline --baseline-notes {baseline_notes}")
        words += [f"--baseline-mentions {set_name(f)}" for f in training.values() if f is not None]
    return " ".join(words)


def _show(report: "Report", *, as_json: bool) -> None:
    from training.figures import rounded

    for one in report.sets:
        answers = [(one.name, one.found)]
        answers += [(f"{one.name}, baseline", one.baseline)] if one.baseline else []
        for name, found in answers:
            row = rounded(found.figures)
            told = {"set": name, "profile": found.profile, "sha256": one.sha256} | row
            click.echo(json.dumps(told) if as_json else figure_lines(name, row))


def _tracked(report: "Report") -> str:
    from training.evaluation_report import run_figures, run_parameters, write_report
    from training.tracking import EVALUATIONS, Run

    with TemporaryDirectory() as folder:
        write_report(report, Path(folder))
        return tracked(
            Run(
                experiment=EVALUATIONS,
                parameters=run_parameters(report),
                metrics=run_figures(report),
                folder=Path(folder),
                called="report",
            )
        )
