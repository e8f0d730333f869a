"""A field that the contract gained later: old files stay as they are and read as null."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from consumers.compaction import Compaction
from consumers.lake import open_lake
from consumers.lake_objects import FolderObjects
from consumers.landing.columns import DIAGNOSES
from runtime.clock import now
from runtime.settings import LandingSettings
from tests.older_files import NEW, OLD, land_before_and_after_new_fields

Matches = dict[str, str | None]
ASKED = "SELECT note_id, evidence[1].match FROM {} ORDER BY note_id"


def _by_views(lake: Path) -> Matches:
    with open_lake(LandingSettings(lake=str(lake))).connection() as duck:
        claims = duck.sql("SELECT note_id, warnings FROM claims ORDER BY note_id").fetchall()
        assert claims == [(NEW, []), (OLD, None)]
        return dict(duck.sql(ASKED.format("diagnoses")).fetchall())


def _by_duckdb(lake: Path) -> Matches:
    files = f"read_parquet('{lake}/diagnoses/*/*/*/*.parquet', union_by_name = true)"
    with duckdb.connect() as duck:
        return dict(duck.sql(ASKED.format(files)).fetchall())


def _by_pandas(lake: Path) -> Matches:
    rows = pd.read_parquet(lake / "diagnoses", schema=DIAGNOSES.schema)
    first = (evidence[0]["match"] for evidence in rows["evidence"])
    return dict(zip(rows["note_id"], first, strict=True))


def _compacted(lake: Path) -> Matches:
    objects, settings = FolderObjects(lake), LandingSettings(lake=str(lake))
    Compaction(settings=settings, objects=objects, at=now(), keep=timedelta(1)).run()
    rows = pd.read_parquet(lake / "compacted/diagnoses")
    assert "hcc" in rows
    first = (evidence[0]["match"] for evidence in rows["evidence"])
    return dict(zip(rows["note_id"], first, strict=True))


@pytest.mark.parametrize("read", [_by_views, _by_duckdb, _by_pandas, _compacted])
def test_what_older_files_lack_is_null_for_their_rows_and_there_for_newer_ones(
    read: Callable[[Path], Matches], tmp_path: Path
) -> None:
    """A column, and a field of a nested one."""
    land_before_and_after_new_fields(tmp_path)

    assert read(tmp_path) == {NEW: "title", OLD: None}
