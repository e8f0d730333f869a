"""A report tells the figures in three ways: JSON, a page, pictures."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.claim import Profile
from tests.coded import CODE_SET, coded
from training.evaluation_report import (
    DataSetReport,
    Report,
    picture_of,
    run_figures,
    run_parameters,
    slug,
    write_report,
)
from training.figures import Figures, meanings
from training.metrics import Yardstick, measure

BY = Yardstick(code_set=CODE_SET, review=0.5)
NAME = "clinic/dev.jsonl.gz"
TITLE = f"{NAME} (claim)"
REPORT = Report(
    model_version="2-abc",
    code_set="test",
    git_revision="f00",
    command="codemychart evaluate --notes 0 --claims clinic/dev.jsonl.gz",
    sets=(
        DataSetReport(
            name=NAME,
            sha256="5a",
            found=measure(
                [coded("I10", "I10 E11.9", candidates="I10 E11.9", dropped="E11.9")],
                Profile.CLAIM,
                BY,
            ),
            baseline=measure([coded("R05.9", "I10 E11.9")], Profile.CLAIM, BY),
        ),
    ),
    remarks=("Looked at once.",),
)


def test_the_page_shows_engine_and_baseline_beside_each_other(tmp_path: Path) -> None:
    write_report(REPORT, tmp_path)

    page = (tmp_path / "evaluation.md").read_text()
    assert f"| figure | {TITLE} | {TITLE}, baseline |" in page
    assert "| f1 | 0.6667 | 0 |" in page
    assert "| dropped by a rule | 0.5 |" in page
    assert "I.B.2 a rule (1)" in page
    assert "Looked at once." in page
    assert f"| {TITLE} | 5a |" in page


def test_json_holds_what_the_page_shows(tmp_path: Path) -> None:
    write_report(REPORT, tmp_path)

    told = json.loads((tmp_path / "evaluation.json").read_text())["sets"][TITLE]
    assert told["figures"]["recall"] == 0.5
    assert told["baseline"]["figures"]["recall"] == 0
    assert told["gold_codes"] == {"reported": 1, "dropped by a rule": 1}
    assert told["sha256"] == "5a"


def test_every_picture_of_the_page_is_drawn(tmp_path: Path) -> None:
    write_report(REPORT, tmp_path)

    assert f"]({picture_of(REPORT.sets[0])})" in (tmp_path / "evaluation.md").read_text()
    assert (tmp_path / picture_of(REPORT.sets[0])).read_bytes().startswith(b"\x89PNG")


def test_the_same_report_gives_the_same_files(tmp_path: Path) -> None:
    for folder in ("one", "other"):
        write_report(REPORT, tmp_path / folder)

    for path in (tmp_path / "one").rglob("*.*"):
        other = tmp_path / "other" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == other.read_bytes()


def test_every_figure_says_what_it_means() -> None:
    assert set(meanings()) == set(Figures.__dataclass_fields__)
    assert all(meanings().values())


def test_a_run_in_mlflow_has_the_figures_the_revision_and_the_hashes_of_the_data() -> None:
    assert run_figures(REPORT)["clinic-dev-jsonl-gz-claim/f1"] == 0.6667
    assert run_figures(REPORT)["clinic-dev-jsonl-gz-claim/baseline/f1"] == 0
    assert run_parameters(REPORT)["git_revision"] == "f00"
    assert run_parameters(REPORT)["sha256 clinic-dev-jsonl-gz-claim"] == "5a"


@given(st.text(max_size=20))
def test_a_slug_is_fit_for_a_file_and_for_mlflow(name: str) -> None:
    assert set(slug(name)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
