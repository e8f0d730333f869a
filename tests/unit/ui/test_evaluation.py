"""The report and the bundle as the analysis page reads and draws them."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from clinical_coding.errors import MisconfiguredError
from runtime.bundle_files import SHIPPED_BUNDLE, describe
from ui.evaluation import (
    FIGURES,
    OWN_REPORT,
    Bin,
    Findings,
    Reached,
    Report,
    by_bar,
    figure_words,
    read_report,
)
from ui.evaluation_charts import (
    calibration_chart,
    fates_chart,
    importance_chart,
    precision_chart,
    recall_chart,
    sides,
)
from ui.model_card import model_card_html


@pytest.fixture(scope="module")
def report() -> Report:
    """The project's own."""
    return read_report(OWN_REPORT)


def test_the_projects_own_report_has_every_figure_that_is_shown(report: Report) -> None:
    for found in report.sets.values():
        assert set(FIGURES) <= set(found.figures)


def test_every_bin_and_depth_of_engine_and_baseline_is_drawn(report: Report) -> None:
    """By the data that the charts carry."""
    for found in report.sets.values():
        both = sides(found).values()
        calibration, recall, precision, fates = (
            json.dumps(chart(found).to_dict())
            for chart in (calibration_chart, recall_chart, precision_chart, fates_chart)
        )
        assert calibration.count('"given": ') - 2 == sum(len(side.reliability) for side in both)
        assert recall.count('"depth": ') == sum(len(side.recall_at) for side in both)
        assert precision.count('"bar": ') == sum(len(side.reliability) for side in both)
        assert all(f'"fate": "{fate}"' in fates for fate in found.gold_codes)


def test_a_lower_bar_reaches_more_gold_codes_and_all_that_a_higher_one_does() -> None:
    """Ten gold codes, two of them no candidates."""
    found = Findings(
        figures={},
        recall_at={},
        reliability=(
            Bin(start=0.1, codes=10, probability=0.15, gold=0.2),
            Bin(start=0.9, codes=8, probability=0.95, gold=0.75),
        ),
        gold_codes={"reported": 6, "ranked low": 2, "not a candidate": 2},
        reasons={},
    )

    assert by_bar(found) == (
        Reached(bar=0.9, precision=0.75, recall=0.6),
        Reached(bar=0.1, precision=8 / 18, recall=0.8),
    )


def test_a_set_without_gold_codes_or_without_candidates_is_drawn_as_well(report: Report) -> None:
    """A report of one's own may have such a set."""
    found = replace(next(iter(report.sets.values())), gold_codes={}, baseline=None)

    assert {one.recall for one in by_bar(found)} == {0.0}
    assert precision_chart(replace(found, reliability=())).to_dict()["mark"]["type"] == "line"


def test_no_bar_reaches_more_than_the_candidates_do(report: Report) -> None:
    for found in report.sets.values():
        recall = found.figures["candidate_recall_headers_open"]
        assert recall is not None
        assert by_bar(found)[-1].recall <= recall


def test_engine_and_baseline_differ_by_shape_and_dash_not_by_colour_alone(report: Report) -> None:
    found = next(iter(report.sets.values()))

    assert "shape" in calibration_chart(found).to_dict()["layer"][1]["encoding"]
    assert "strokeDash" in recall_chart(found).to_dict()["encoding"]


def test_features_are_drawn_in_words() -> None:
    told = json.dumps(importance_chart({"cosine": 0.75, "age": 0.25}).to_dict())

    assert "age in years" in told
    assert "cosine" not in told


def test_a_figure_is_a_whole_count_a_share_or_a_dash() -> None:
    assert [
        figure_words("notes", 1200.0),
        figure_words("f1", 0.98765),
        figure_words("f1", None),
    ] == [
        "1,200",
        "0.988",
        "–",  # noqa: RUF001 - the dash it shows
    ]


@pytest.mark.parametrize("text", [None, "", "{}", '{"sets": 1}'])
def test_a_file_that_is_no_report_is_told_with_what_to_do(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "evaluation.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(MisconfiguredError, match="codemychart evaluate"):
        read_report(path)


def test_the_model_card_names_version_code_set_bars_and_every_file() -> None:
    described, digest = describe(SHIPPED_BUNDLE)
    told = re.sub("<[^>]*>", " ", model_card_html(described, digest))

    assert f"{described.version}-{digest[:8]}" in told
    assert described.code_set in told
    for ranking in described.rankings.values():
        assert f"submit from {ranking.thresholds.submit:.2f}" in told
    assert all(name in told for name in described.files)
