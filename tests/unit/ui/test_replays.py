"""A replay's report as the page reads it is the one that the command writes."""

import json
import re
from pathlib import Path

import pytest

from clinical_coding.errors import StorageError
from tests.replayed import written_replay
from ui.replay_html import changes_html, sides_html
from ui.replays import read_replay, reported


def test_a_written_report_is_read_and_told_side_by_side(tmp_path: Path) -> None:
    report = read_replay(written_replay(tmp_path, "r1"))
    html = sides_html(report) + changes_html(report)
    told = " ".join(re.sub("<[^>]*>", " ", html).split())

    assert report.told == "m-2 on 02 Mar 2026 15:00 to 02 Mar 2026 15:00 (r1)"
    assert "codes 9 13" in told
    assert "without a claim to compare with 2" in told
    assert told.index("I10 9 12 3 0 2") < told.index("R07.9 9 10 1 0 2")
    assert "n&lt;1&gt; v1 R07.9 I10 R07.9" in told
    assert '<b class="cmc-review">I10</b>' in html


def test_runs_without_a_report_are_passed_over_and_a_damaged_one_is_told(tmp_path: Path) -> None:
    assert reported(tmp_path) == []
    folder = written_replay(tmp_path, "r1")
    (written_replay(tmp_path, "r2").path / "diff.json").unlink()
    assert [run.name for run in reported(tmp_path)] == ["r1"]

    folder.write("diff.json", json.dumps({"run": "r1"}).encode())
    with pytest.raises(StorageError, match="report of a replay"):
        read_replay(folder)
