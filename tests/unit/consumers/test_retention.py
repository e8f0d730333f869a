"""Retention: whole days go, from every tree, and nothing else."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from clinical_coding.errors import StorageError
from consumers.compaction import Compaction
from consumers.lake import open_lake
from consumers.lake_objects import FolderObjects
from consumers.retention import expired, remove
from runtime.settings import LandingSettings
from tests.claims import claim_event
from tests.fakes.objects import KilledError, KilledObjects
from tests.landed import land

OLD, KEPT = date(2016, 5, 31), date(2016, 6, 1)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _compact(lake: Path, objects: FolderObjects | KilledObjects) -> None:
    settings = LandingSettings(lake=str(lake))
    Compaction(settings=settings, objects=objects, at=NOW, keep=timedelta(1)).run()


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A claim of each day, compacted, and one each that landed since."""
    for batch in range(2):
        claims = [claim_event(f"{day}-{batch}", day=day) for day in (OLD, KEPT)]
        land(tmp_path, batch, claims)
        if batch == 0:
            _compact(tmp_path, FolderObjects(tmp_path))
    return tmp_path


def test_days_before_the_given_one_go_from_every_tree_and_are_recorded_first(lake: Path) -> None:
    objects, recorded = FolderObjects(lake), list[str]()
    found = expired(objects, KEPT)

    remove(objects, found, recorded.extend)

    assert (found.days, recorded, len(found.files)) == ([OLD], ["2016-05-31"], 6)
    with open_lake(LandingSettings(lake=str(lake))).connection() as duck:
        for view in ("landed_claims", "landed_diagnoses"):
            days = duck.sql(f"SELECT date_of_service FROM {view}").fetchall()  # noqa: S608 - ours
            assert days == [(KEPT,)] * 2
    assert len(pd.read_parquet(lake / "compacted/claims")) == 1
    assert not expired(objects, KEPT).files


def test_what_is_removed_does_not_come_back_by_a_later_compaction(lake: Path) -> None:
    objects = FolderObjects(lake)
    remove(objects, expired(objects, KEPT), list[str]().extend)

    _compact(lake, objects)

    assert not expired(objects, KEPT).files
    assert len(pd.read_parquet(lake / "compacted/claims")) == 2


def test_nothing_is_removed_while_a_compaction_is_under_way(lake: Path) -> None:
    objects, recorded = FolderObjects(lake), list[str]()
    with pytest.raises(KilledError):
        _compact(lake, KilledObjects(objects, 1))

    with pytest.raises(StorageError, match="lake compact"):
        remove(objects, expired(objects, KEPT), recorded.extend)

    assert (recorded, len(expired(objects, KEPT).files)) == ([], 6)
