"""The report of an evaluation, as `codemychart evaluate --report` writes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from clinical_coding.errors import MisconfiguredError

OWN_REPORT = Path(__file__).parents[1] / "docs" / "evaluation.json"  # in a checkout
FIGURES = {  # the figures that are shown, in the words of the page
    "notes": "notes",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "macro_f1": "macro F1",
    "f1_categories": "F1 of categories",
    "first_listed": "first-listed code right",
    "candidate_recall": "recall of the candidates",
    "mean_average_precision": "mean average precision",
    "recall_at_10": "recall at 10",
    "submit_share": "codes in the submit band",
    "submit_precision": "precision of the submit band",
    "calibration_error_review": "calibration error from the review bar up",
}
COUNTS = ("notes",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Candidates of like probability: how many, what they were given, and how many were right."""

    start: float
    codes: int
    probability: float
    gold: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was found on one set, by the engine or by the baseline."""

    figures: Mapping[str, float | None]
    recall_at: Mapping[int, float]
    reliability: tuple[Bin, ...]
    gold_codes: Mapping[str, int]
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What reporting every candidate with at least that probability would reach, before the rules."""

    bar: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared(Findings):
    """The engine's, and the baseline's where it was fitted."""

    sha256: str
    baseline: Findings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run over several sets, each by its name."""

    model_version: str
    code_set: str
    command: str
    remarks: tuple[str, ...]
    sets: Mapping[str, Compared]


REPORT = TypeAdapter(Report)


def read_report(path: Path) -> Report:
    """The report of that file. Raises MisconfiguredError where it is none."""
    try:
        return REPORT.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise MisconfiguredError(
            f"expected the report of an evaluation in {path}; got {type(error).__name__}; make one "
            "with `codemychart evaluate --report FOLDER` and name its evaluation.json in "
            "CMC_UI_EVALUATION"
        ) from None


def by_bar(found: Findings) -> tuple[Reached, ...]:
    """Precision and recall by the probability that is asked for, the highest bar first.

    By the calibration's bins. Recall is of all gold codes, those that were no candidates included; a
    code below a gold header counts as gold.
    """
    gold_codes = sum(found.gold_codes.values())
    reached: list[Reached] = []
    codes, right = 0, 0.0
    for one in sorted(found.reliability, key=lambda one: -one.start):
        codes += one.codes
        right += one.codes * one.gold
        recall = right / gold_codes if gold_codes else 0.0
        reached.append(Reached(bar=one.start, precision=right / codes, recall=recall))
    return tuple(reached)


def figure_words(name: str, value: float | None) -> str:
    """A figure as it is shown: a count whole, all else with three decimals, a dash for none."""
    if value is None:
        return "–"  # noqa: RUF001 - a dash where there is no number
    return f"{value:,.0f}" if name in COUNTS else f"{value:.3f}"
