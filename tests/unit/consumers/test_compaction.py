"""Compaction: whatever reads, and whenever its process dies, each claim is there once."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from consumers.compaction import ROWS_PER_FILE, Compacted, Compaction
from consumers.lake import claim_ids, open_lake
from consumers.lake_objects import FolderObjects, Objects
from consumers.landing.columns import REJECTED
from runtime.settings import LandingSettings
from schemas.claim_coded import ClaimCoded
from tests.claims import claim_event
from tests.fakes.objects import KilledError, KilledObjects
from tests.landed import land, write_rows

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAYS = (date(2026, 3, 2), date(2026, 3, 3))


def _compact(
    lake: Path,
    *,
    at: datetime = NOW,
    keep_h: float = 24,
    objects: Objects | None = None,
    rows_per_file: int = ROWS_PER_FILE,
) -> Compacted:
    settings = LandingSettings(lake=str(lake))
    return Compaction(
        settings=settings,
        objects=objects or FolderObjects(lake),
        at=at,
        keep=timedelta(hours=keep_h),
        rows_per_file=rows_per_file,
    ).run()


def _claims(first: int, count: int) -> list[ClaimCoded]:
    return [claim_event(f"note-{n}", day=DAYS[n % 2]) for n in range(first, first + count)]


def _ids(claims: Sequence[ClaimCoded]) -> list[str]:
    return sorted(claim.event_id for claim in claims)


def _compacted_ids(lake: Path) -> list[str]:
    """Every row's, by a reader that knows nothing of us."""
    return sorted(pd.read_parquet(lake / "compacted/claims")["event_id"])


def _all_readers(lake: Path) -> Iterator[tuple[str, list[str]]]:
    """Ids as each reader that is to see everything sees them: each once."""
    with open_lake(LandingSettings(lake=str(lake))).connection() as duck:
        yield "view", [row[0] for row in duck.sql("SELECT event_id FROM claims").fetchall()]
        rows = "SELECT event_id FROM landed_claims"
        yield "rows", [row[0] for row in duck.sql(rows).fetchall()]
        diagnoses = "SELECT event_id FROM landed_diagnoses"
        yield "diagnoses", [row[0] for row in duck.sql(diagnoses).fetchall()]
    globs = [f"{lake}/claims/query=*/batch_id=*/date_of_service=*/*.parquet"]
    if (lake / "compacted/claims").exists():
        globs.append(f"{lake}/compacted/claims/date_of_service=*/*.parquet")
    both = "SELECT DISTINCT event_id FROM read_parquet(?, union_by_name = true)"
    yield "both trees", [row[0] for row in duckdb.execute(both, [globs]).fetchall()]


def test_many_landed_files_become_one_a_day_and_table_that_plain_readers_count(
    tmp_path: Path,
) -> None:
    claims = _claims(0, 20)
    for batch in range(4):
        land(tmp_path, batch, claims[batch * 5 : batch * 5 + 5])

    done = _compact(tmp_path)

    assert (done.files_taken, done.files_written, done.rows) == (40, 4, 40)
    day = tmp_path / f"compacted/claims/date_of_service={DAYS[0]}"
    assert len(pd.read_parquet(day)) == 10
    assert _compacted_ids(tmp_path) == _ids(claims)
    count = "SELECT date_of_service, count(*) FROM read_parquet(?) GROUP BY 1 ORDER BY 1"
    glob = f"{tmp_path}/compacted/claims/*/*.parquet"
    assert duckdb.execute(count, [glob]).fetchall() == [(day, 10) for day in DAYS]


def test_what_lands_later_is_compacted_later_and_what_came_twice_is_there_once(
    tmp_path: Path,
) -> None:
    claims = _claims(0, 8)
    land(tmp_path, 0, [*claims[:4], claims[0]])
    _compact(tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("compacted/**/*.parquet")}
    land(tmp_path, 1, [*claims[3:], claims[1]])

    _compact(tmp_path)

    assert _compacted_ids(tmp_path) == _ids(claims)
    assert {file: file.read_bytes() for file in before} == before
    assert _compact(tmp_path) == Compacted()


def test_landed_files_stay_a_while_and_go_with_the_compaction_after_it(tmp_path: Path) -> None:
    claims = _claims(0, 4)
    land(tmp_path, 0, claims)
    _compact(tmp_path)
    land(tmp_path, 1, _claims(4, 1))

    assert _compact(tmp_path, at=NOW + timedelta(hours=23)).files_removed == 0
    assert len(list(tmp_path.glob("claims/**/*.parquet"))) == 5
    assert _compact(tmp_path, at=NOW + timedelta(hours=24)).files_removed == 8
    assert len(list(tmp_path.glob("claims/**/*.parquet"))) == 1
    assert sorted(claim_ids(LandingSettings(lake=str(tmp_path)))) == _ids(_claims(0, 5))


def test_killed_before_any_step_it_loses_and_doubles_nothing_for_any_reader(
    tmp_path: Path,
) -> None:
    """Two rounds, the first's landed files removed in the second; dead before each step in turn."""
    claims = _claims(0, 3)
    steps, was_killed = 0, True
    while was_killed:
        lake = tmp_path / str(steps)
        land(lake, 0, claims[:2])
        _compact(lake)
        land(lake, 1, claims[2:])
        try:
            killed = KilledObjects(FolderObjects(lake), steps)
            _compact(lake, at=NOW + timedelta(days=2), objects=killed)
            was_killed = False
        except KilledError:
            steps += 1

        for reader, ids in _all_readers(lake):
            assert sorted(ids) == _ids(claims), (steps, reader)
        assert set(_ids(claims[:2])) <= set(_compacted_ids(lake)) <= set(_ids(claims))
        assert len(set(_compacted_ids(lake))) == len(_compacted_ids(lake))
        _compact(lake, at=NOW + timedelta(days=2))
        assert _compacted_ids(lake) == _ids(claims)
    assert steps > 8, "not all steps were seen"


def test_two_compactions_at_once_write_each_claim_once(tmp_path: Path) -> None:
    """The second finds the first's plan, whose process goes on after it."""
    claims = _claims(0, 4)
    land(tmp_path, 0, claims)
    with pytest.raises(KilledError):
        _compact(tmp_path, objects=KilledObjects(FolderObjects(tmp_path), 2))
    land(tmp_path, 1, _claims(4, 2))

    _compact(tmp_path)

    assert _compacted_ids(tmp_path) == _ids(_claims(0, 6))


def test_a_batch_that_is_not_committed_is_left_alone(tmp_path: Path) -> None:
    """It may be written anew, under other names."""
    checkpoint = tmp_path / "_checkpoints/claims"
    (checkpoint / "commits").mkdir(parents=True)
    (checkpoint / "metadata").write_text(json.dumps({"id": "q"}))
    land(tmp_path, 0, _claims(0, 2))
    land(tmp_path, 1, _claims(2, 2))

    assert _compact(tmp_path) == Compacted()
    (checkpoint / "commits/0").touch()
    assert _compact(tmp_path).rows == 4
    assert _compacted_ids(tmp_path) == _ids(_claims(0, 2))


def test_a_column_that_only_newer_files_have_is_kept(tmp_path: Path) -> None:
    land(tmp_path, 0, _claims(0, 2))
    newer = next(tmp_path.glob("claims/**/*.parquet"))
    rows = pq.read_table(newer, partitioning=None)
    pq.write_table(rows.append_column("new_field", [["x"]]), newer)

    _compact(tmp_path)

    fields = [
        pq.read_table(file, partitioning=None).schema.names
        for file in tmp_path.glob("compacted/claims/**/*.parquet")
    ]
    assert sum("new_field" in names for names in fields) == 1


def test_refused_records_are_compacted_by_their_place(tmp_path: Path) -> None:
    row: dict[str, object] = {"source_topic": "t", "source_partition": 1, "source_offset": 9}
    for batch in range(2):
        place = f"query=q/batch_id={batch}/error_class=UndecodableEventError/0.parquet"
        write_rows(tmp_path, REJECTED, place, [row])

    assert _compact(tmp_path).rows == 1


def test_large_partitions_are_several_files(tmp_path: Path) -> None:
    claims = [claim_event(f"note-{n}") for n in range(7)]
    land(tmp_path, 0, claims)

    _compact(tmp_path, rows_per_file=3)

    counts = [
        len(pd.read_parquet(f)) for f in sorted(tmp_path.glob("compacted/claims/**/*.parquet"))
    ]
    assert counts == [3, 3, 1]
    assert _compacted_ids(tmp_path) == _ids(claims)
