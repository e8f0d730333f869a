"""Reading the lake: each claim once, nothing that is not committed, and the examples of docs/lake.md."""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import duckdb
import pytest

from clinical_coding.errors import StorageError
from clinical_coding.note import NoteStatus
from consumers.compaction import Compaction
from consumers.lake import claim_ids, open_lake
from consumers.lake_objects import FolderObjects
from consumers.landing.columns import REJECTED
from runtime.clock import now
from runtime.settings import LandingSettings
from tests.claims import claim_event, claims_of_versions
from tests.landed import land, write_rows

ROOT = Path(__file__).parents[3]
LOOKS = 3000
BLOCK = re.compile(r"^```(python|sql)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _settings(lake: Path) -> LandingSettings:
    return LandingSettings(lake=str(lake))


def _count(duck: duckdb.DuckDBPyConnection, view: str) -> int:
    (row,) = duck.sql(f"SELECT count(*) FROM {view}").fetchall()  # noqa: S608 - a test's own name
    return int(row[0])


def test_what_a_writer_moves_away_meanwhile_keeps_nobody_from_reading(tmp_path: Path) -> None:
    """Spark writes below folders that it removes when a batch is committed."""
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "part.parquet").touch()
    objects, stop = FolderObjects(tmp_path), threading.Event()

    def write() -> None:
        while not stop.is_set():
            folder = tmp_path / "claims" / "_temporary" / "attempt"
            folder.mkdir(parents=True)
            shutil.rmtree(folder.parent)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        looks = [objects.names("claims") for _ in range(LOOKS)]
    finally:
        stop.set()
        writer.join()
    assert looks == [["claims/part.parquet"]] * LOOKS


def test_a_folder_that_may_not_be_read_is_no_empty_one(tmp_path: Path) -> None:
    (tmp_path / "claims").touch()

    with pytest.raises(StorageError, match="NotADirectoryError"):
        FolderObjects(tmp_path).names("claims")


def test_a_lake_in_which_nothing_has_landed_is_empty(tmp_path: Path) -> None:
    with open_lake(_settings(tmp_path)).connection() as duck:
        views = ("claims", "diagnoses", "current_claims", "landed_claims", "rejected")

        assert [_count(duck, view) for view in views] == [0] * 5
    assert claim_ids(_settings(tmp_path)) == frozenset()


def test_a_claim_that_came_twice_is_shown_once(tmp_path: Path) -> None:
    claims = [claim_event(f"note-{n}") for n in range(3)]
    land(tmp_path, 0, claims)
    land(tmp_path, 1, claims[:1])

    with open_lake(_settings(tmp_path)).connection() as duck:
        assert _count(duck, "landed_claims") == 4
        assert _count(duck, "claims") == 3
        assert _count(duck, "diagnoses") == 3
    assert claim_ids(_settings(tmp_path)) == {claim.event_id for claim in claims}


def test_the_current_claim_of_a_note_is_that_of_its_newest_version_unless_retracted(
    tmp_path: Path,
) -> None:
    first, second = claim_event("amended"), claim_event("retracted")
    amended = replace(first, event_id="b", note_version=2, note_status=NoteStatus.AMENDED)
    retracted = replace(
        second, event_id="d", note_version=2, note_status=NoteStatus.RETRACTED, diagnoses=()
    )
    land(tmp_path, 0, [amended, first, second])
    land(tmp_path, 1, [retracted])

    with open_lake(_settings(tmp_path)).connection() as duck:
        rows = duck.sql("SELECT event_id FROM current_claims").fetchall()

    assert rows == [("b",)]


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("retracted", [False, True])
def test_whatever_the_order_of_a_notes_versions_the_current_claim_is_that_of_the_newest(
    *,
    order: Sequence[int],
    retracted: bool,
    tmp_path: Path,
) -> None:
    """One batch for each, and a repeat of the first in the last; a retracted note has none."""
    versions = claims_of_versions("n", 3, retracted=retracted)
    for batch_id, place in enumerate(order):
        land(tmp_path, batch_id, [versions[place]])
    land(tmp_path, len(order), [versions[order[0]]])

    with open_lake(_settings(tmp_path)).connection() as duck:
        rows = duck.sql("SELECT event_id FROM current_claims").fetchall()

    assert rows == ([] if retracted else [(versions[-1].event_id,)])


def test_what_a_batch_in_flight_has_written_is_not_read(tmp_path: Path) -> None:
    """Neither Spark's working folders nor their unfinished files."""
    claim = claim_event("note-1")
    land(tmp_path, 0, [claim])
    for folder in ("_temporary/0/task_1", "__magic_job-1/tasks/1/__base"):
        place = tmp_path / "claims/query=q/batch_id=1" / folder / "date_of_service=2026-03-02"
        place.mkdir(parents=True)
        (place / "part-0.parquet").write_bytes(b"")

    assert claim_ids(_settings(tmp_path)) == {claim.event_id}


def test_a_refused_record_is_found_by_its_place_in_the_topic(tmp_path: Path) -> None:
    row: dict[str, object] = {"source_topic": "t", "source_partition": 1, "source_offset": 9}
    place = "query=q/batch_id=0/error_class=UndecodableEventError/0.parquet"
    write_rows(tmp_path, REJECTED, place, [row])

    with open_lake(_settings(tmp_path)).connection() as duck:
        found = duck.sql("SELECT source_offset, error_class FROM rejected").fetchall()

    assert found == [(9, "UndecodableEventError")]


def test_a_damaged_file_is_a_storage_error_that_names_the_lake(tmp_path: Path) -> None:
    land(tmp_path, 0, [claim_event("note-1")])
    next(tmp_path.rglob("*.parquet")).write_bytes(b"PAR1 but no more")
    for damaged in tmp_path.rglob("*.parquet"):
        damaged.write_bytes(b"PAR1 but no more")

    with pytest.raises(StorageError, match=re.escape(str(tmp_path))):
        claim_ids(_settings(tmp_path))


def test_the_examples_in_the_documentation_run(tmp_path: Path) -> None:
    """All but Spark's, which the landing's own test runs."""
    folder = tmp_path / "lake"
    land(folder, 0, [claim_event(f"note-{n}") for n in range(3)])
    objects = FolderObjects(folder)
    Compaction(settings=_settings(folder), objects=objects, at=now(), keep=timedelta(1)).run()
    blocks = BLOCK.findall((ROOT / "docs" / "lake.md").read_text())
    steps = ["import duckdb"]
    for language, text in blocks:
        if not text.startswith("spark."):
            steps.append(text if language == "python" else f"duckdb.sql('''{text}''').show()")
    assert len(steps) > 3
    environment = {"CMC_LANDING_LAKE": "lake", "CMC_STATE_DIR": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", "\n".join(steps)],
        cwd=tmp_path,
        env=os.environ | environment | {"PYTHONPATH": str(ROOT)},  # noqa: TID251 - handed on
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("R07.9") == 2
