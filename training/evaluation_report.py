"""An evaluation told: one JSON file, one Markdown page, one picture for each data set."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from training.baseline import CODES, MAX_TOKENS
from training.figures import Evaluation, meanings, rounded
from training.plots import draw

JSON_NAME, PAGE_NAME, PICTURES = "evaluation.json", "evaluation.md", "images"
MOST_REASONS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSetReport:
    """One data set: the SHA-256 of its file or, where there is none, of its notes; what was found.

    ``baseline`` is what the classic way reached on it, None where it was not asked.
    """

    name: str
    sha256: str
    found: Evaluation
    baseline: Evaluation | None = None

    @property
    def title(self) -> str:
        """The set with its profile, which a report may have of one file twice."""
        return f"{self.name} ({self.found.profile})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was evaluated, how, and on what; ``remarks`` are sentences for the reader."""

    model_version: str
    code_set: str
    git_revision: str
    command: str
    sets: tuple[DataSetReport, ...] = field(repr=False)
    remarks: tuple[str, ...] = ()


def write_report(report: Report, folder: Path) -> None:
    """``evaluation.json``, ``evaluation.md`` and ``images/evaluation-*.png`` in ``folder``.

    The same report gives the same files.
    """
    (folder / PICTURES).mkdir(parents=True, exist_ok=True)
    (folder / JSON_NAME).write_text(json.dumps(as_json(report), indent=1) + "\n")
    (folder / PAGE_NAME).write_text(page(report))
    for one in report.sets:
        draw(one.title, one.found, folder / picture_of(one))


def picture_of(one: DataSetReport) -> str:
    """Where a data set's picture lies in the report's folder."""
    return f"{PICTURES}/evaluation-{slug(one.title)}.png"


def slug(title: str) -> str:
    """A data set's title as part of a file's or a metric's name."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def as_json(report: Report) -> dict[str, object]:
    """The whole report as plain values."""
    return {
        "model_version": report.model_version,
        "code_set": report.code_set,
        "git_revision": report.git_revision,
        "command": report.command,
        "remarks": list(report.remarks),
        "sets": {one.title: _set_as_json(one) for one in report.sets},
    }


def _set_as_json(one: DataSetReport) -> dict[str, object]:
    told = {"sha256": one.sha256}
    return told | _told(one.found) | ({"baseline": _told(one.baseline)} if one.baseline else {})


def _told(found: Evaluation) -> dict[str, object]:
    return {
        "figures": rounded(found.figures),
        "recall_at": {str(depth): round(recall, 4) for depth, recall in found.depths.items()},
        "reliability": [
            {name: round(value, 4) for name, value in asdict(one).items()} for one in found.bins
        ],
        "gold_codes": {str(fate): count for fate, count in found.fates.counts.items()},
        "reasons": dict(found.fates.reasons.most_common()),
    }


def run_parameters(report: Report) -> dict[str, str | int]:
    """What a run in MLflow says of the report: versions, revision, the data's hashes."""
    data: dict[str, str | int] = {f"sha256 {slug(one.title)}": one.sha256 for one in report.sets}
    return data | {
        "model_version": report.model_version,
        "code_set": report.code_set,
        "git_revision": report.git_revision,
        "command": report.command,
    }


def run_figures(report: Report) -> dict[str, float]:
    """Every figure as MLflow names it: set/figure, set/baseline/figure."""
    named: dict[str, float] = {}
    for one in report.sets:
        for name, value in rounded(one.found.figures).items():
            named[f"{slug(one.title)}/{name}"] = value
        for name, value in rounded(one.baseline.figures).items() if one.baseline else ():
            named[f"{slug(one.title)}/baseline/{name}"] = value
    return named


def page(report: Report) -> str:
    """The report as a Markdown page."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield "# Evaluation"
    yield ""
    yield f"Bundle {report.model_version}, {report.code_set}, revision {report.git_revision}. Made by"
    yield f"\n```\n{report.command}\n```\n"
    yield from report.remarks
    yield from ("", "## Figures", "", *_figures(report.sets))
    yield from ("", "## What became of the gold codes", "", FATES_MEAN, "", *_fates(report.sets))
    if any(one.baseline for one in report.sets):
        yield from ("", "## The baseline", "", BASELINE_MEANS)
    yield from ("", "## What the figures mean", "")
    yield from (f"- **{_words(name)}**: {means}." for name, means in meanings().items())
    yield from ("", "## Pictures", "")
    yield from (f"![{one.title}]({picture_of(one)})" for one in report.sets)
    yield from ("", "## Data", "", *table(("set", "SHA-256"), _data(report.sets)))


FATES_MEAN = (
    "Share of the gold codes (headers open), by the first step that lost them: no candidate; a "
    "candidate whose words are denied, another's, possible or past; one that a rule dropped; one "
    "below the review bar while a code of its category that is not gold is reported; below the bar."
)

BASELINE_MEANS = (
    f"The classic way (`training/baseline.py`): the {CODES} codes that stand in most training notes, "
    "one XGBoost for each, fitted on the embedded MiniLM's last layer at the note's first token "
    f"([CLS], at most {MAX_TOKENS} tokens) and seven counts: age, words, symptoms, body parts, words "
    "of severity, medical terms, sex. A code is reported from a probability of one half. For claims it "
    "is fitted on synthetic notes as the engine is, for mentions on the labelled file of the command, "
    "without one on the synthetic notes. It ranks the same codes for every note, has no submit band "
    "and gives no evidence."
)


def _figures(sets: Sequence[DataSetReport]) -> Iterator[str]:
    columns: dict[str, Mapping[str, float]] = {}
    for one in sets:
        columns[one.title] = rounded(one.found.figures)
        if one.baseline:
            columns[f"{one.title}, baseline"] = rounded(one.baseline.figures)
    rows = ([_words(name), *(_cell(c.get(name)) for c in columns.values())] for name in meanings())
    return table(("figure", *columns), rows)


def _fates(sets: Sequence[DataSetReport]) -> Iterator[str]:
    shares = {one.title: one.found.fates.shares() for one in sets}
    fates = list(next(iter(shares.values()), {}))
    rows = [[str(fate), *(_cell(of_set[fate]) for of_set in shares.values())] for fate in fates]
    yield from table(("gold codes", *shares), rows)
    for one in sets:
        reasons = one.found.fates.reasons.most_common(MOST_REASONS)
        if reasons:
            told = ", ".join(f"{reason} ({count})" for reason, count in reasons)
            yield f"\nRules and assertions that took gold codes of {one.title}: {told}."


def _data(sets: Sequence[DataSetReport]) -> Iterator[Sequence[str]]:
    return ((one.title, one.sha256) for one in sets)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _cell(value: float | None) -> str:
    return "" if value is None else f"{round(value, 4):g}"


def _words(name: str) -> str:
    return name.replace("_", " ")
