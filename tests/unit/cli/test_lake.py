"""lake sql, compact and retain on a lake in a folder."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.lake import SHOWN_ROWS, lake
from clinical_coding.claim import Band
from clinical_coding.note import NoteStatus
from schemas.claim_coded import ClaimCoded
from tests.claims import claim_event
from tests.landed import land

ROOT = Path(__file__).parents[3]
QUERY = re.compile(r'^codemychart lake sql "(.*?)"$', re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three notes: one coded twice by two models, one to review with two HCCs, one retracted."""
    first = claim_event("a")
    second = replace(
        first, event_id="a-2", supersedes=first.event_id, model_version="fake-2",
        coded_at=first.coded_at - timedelta(hours=1),
    )  # fmt: skip
    withdrawn = claim_event("c")
    gone = replace(
        withdrawn, event_id="c-2", note_version=2, note_status=NoteStatus.RETRACTED, diagnoses=()
    )
    land(tmp_path, 0, [first, second, _to_review(claim_event("b")), withdrawn, gone])
    return tmp_path


def _to_review(claim: ClaimCoded) -> ClaimCoded:
    (diagnosis,) = claim.diagnoses
    return replace(claim, diagnoses=(replace(diagnosis, band=Band.REVIEW, hcc="37,263"),))


def _asked(folder: Path, *words: str, stdin: str = "") -> Result:
    return _run(folder, "sql", *words, stdin=stdin)


def _run(folder: Path, *words: str, stdin: str = "") -> Result:
    environment = {"CMC_LANDING_LAKE": str(folder), "CMC_STATE_DIR": str(folder)}
    return CliRunner().invoke(lake, list(words), env=environment, input=stdin)


def test_every_documented_query_runs_and_counts_what_counts_now(folder: Path) -> None:
    queries = QUERY.findall((ROOT / "docs" / "lake.md").read_text())

    answers = [_asked(folder, query, "--json").stdout.splitlines() for query in queries]

    codes, bands, review, hcc, models = ([json.loads(row) for row in rows] for rows in answers)
    assert [(row["code"], row["claims"]) for row in codes] == [("R07.9", 2)]
    assert [(row["submit"], row["review"]) for row in bands] == [(1, 1)]
    assert [(row["claims"], row["review_rate"]) for row in review] == [(2, 0.5)]
    assert hcc == [{"category": "263", "patients": 1}, {"category": "37", "patients": 1}]
    assert {row["model_version"]: (row["claims"], row["current"]) for row in models} == {
        "fake-1": (4, 1),
        "fake-2": (1, 1),
    }


def test_the_superseding_claim_counts_whatever_the_clocks_say(folder: Path) -> None:
    done = _asked(folder, "SELECT event_id FROM current_claims WHERE note_id = 'a'", "--json")

    assert [json.loads(line) for line in done.stdout.splitlines()] == [{"event_id": "a-2"}]


def test_csv_has_a_header_and_a_query_may_come_from_stdin(folder: Path) -> None:
    done = _asked(folder, "-", "--csv", stdin="SELECT 1 AS one, NULL AS none, 'a,b' AS both")

    assert done.stdout.splitlines() == ["one,none,both", '1,,"a,b"']


def test_what_is_no_query_over_the_lake_is_a_wrong_usage(folder: Path) -> None:
    for query in ("selec", "SELECT nope FROM claims", "SELECT 1 FROM nowhere", "SELECT 'x'::INT"):
        done = _asked(folder, query)
        assert (done.exit_code, "expected a query over the lake" in done.stderr) == (2, True)


def test_a_table_for_people_ends_and_says_so(folder: Path) -> None:
    done = _asked(folder, f"FROM range({SHOWN_ROWS + 1})")

    assert len(done.stdout.splitlines()) == SHOWN_ROWS + 1
    assert "the first are shown" in done.stderr
    assert "shown" not in _asked(folder, f"FROM range({SHOWN_ROWS})").stderr


def test_retain_tells_first_and_removes_only_when_told_to(folder: Path) -> None:
    before = len(list(folder.rglob("*.parquet")))

    told = _run(folder, "retain", "--older-than", "0d", "--json")
    kept = len(list(folder.rglob("*.parquet")))
    removed = _run(folder, "retain", "--older-than", "0d", "--yes")

    assert (json.loads(told.stdout)["files"], kept) == (before, before)
    assert json.loads(told.stdout)["removed"] is False
    assert "removed" in removed.stdout
    assert not list(folder.rglob("*.parquet"))
    (entry,) = (folder / "audit.jsonl").read_text().splitlines()
    assert (json.loads(entry)["action"], json.loads(entry)["ids"]) == ("removed", ["2026-03-02"])


def test_what_is_no_age_is_a_wrong_usage(folder: Path) -> None:
    for age in ("10", "y", "-1d", "99999y"):
        assert _run(folder, "retain", "--older-than", age).exit_code == 2


def test_compact_tells_what_it_did(folder: Path) -> None:
    done = _run(folder, "compact", "--json")

    assert json.loads(done.stdout) == {
        "rounds": 1, "files_taken": 10, "files_written": 2, "rows": 9, "files_removed": 0
    }  # fmt: skip
    assert "0 landed files into 0" in _run(folder, "compact").stdout
