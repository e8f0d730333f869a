"""Compaction on the object store, killed with -9 while plain readers count."""

import uuid
from datetime import date, timedelta
from pathlib import Path
from threading import Event, Thread

import pandas as pd
import pytest
from typing_extensions import override

from consumers.compaction import Compaction
from consumers.lake import open_lake
from consumers.lake_objects import Objects, file_system, objects_of
from consumers.lake_rounds import COMPACTED, files_with_rows
from runtime.clock import now
from runtime.settings import LandingSettings
from tests.claims import claim_event
from tests.landed import land
from tests.waiting import process, wait_for

pytestmark = pytest.mark.timeout(120)
CLAIMS, DAYS, BATCHES = 60, 10, 3
PAUSE_S = 0.1  # the machine is small
KILLED_AT = (1, 12)  # compacted files, of 20


class _Reader(Thread):
    """Counts again and again; keeps what it saw that no reader may see."""

    def __init__(self, settings: LandingSettings, whole: int) -> None:
        super().__init__()
        self.stop, self.wrong, self.reads = Event(), list[str](), 0
        self._settings, self._whole = settings, whole
        self._files, self._root = file_system(settings)

    @override
    def run(self) -> None:
        """Meets Thread."""
        while not self.stop.wait(PAUSE_S):
            self._look()
            self.reads += 1

    def _look(self) -> None:
        with open_lake(self._settings).connection() as duck:
            for name in ("claims", "landed_claims", "landed_diagnoses"):
                rows = len(duck.sql(f"FROM {name}").df())
                if rows != self._whole:
                    self.wrong.append(f"{name}: {rows}")
        if (files := self._files).get_file_info(f"{self._root}/compacted/claims").type.value:
            ids = pd.read_parquet(f"{self._root}/compacted/claims", filesystem=files)["event_id"]
            if ids.nunique() != len(ids):
                self.wrong.append(f"compacted: {len(ids)} rows, {ids.nunique()} claims")


@pytest.fixture(params=["s3", "folder"])
def lake(
    request: pytest.FixtureRequest, lake_settings: LandingSettings, tmp_path: Path
) -> LandingSettings:
    """Landed claims, on either kind of store."""
    landed = tmp_path / "landed"
    for batch in range(BATCHES):
        numbers = range(batch, CLAIMS, BATCHES)
        claims = [
            claim_event(f"n-{n}", day=date(2026, 3, 1) + timedelta(n % DAYS)) for n in numbers
        ]
        land(landed, batch, claims)
    folder = tmp_path / uuid.uuid4().hex
    settings = lake_settings
    if request.param == "folder":
        settings = settings.model_copy(update={"lake": str(folder)})
    objects = objects_of(settings, settings.lake)
    for file in landed.rglob("*.parquet"):
        assert objects.create(file.relative_to(landed).as_posix(), file)
    return settings


def test_killed_twice_it_ends_with_each_claim_once_and_no_reader_saw_less_or_more(
    lake: LandingSettings, process_variables: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "compact.log"
    objects = objects_of(lake, lake.lake)
    variables = process_variables | {"CMC_LANDING_LAKE": lake.lake}
    command = ("cli", "lake", "compact")
    reader = _Reader(lake, CLAIMS)
    reader.start()
    try:
        for count in KILLED_AT:
            with process(*command, variables=variables, log=log) as compacting:
                wait_for(lambda n=count: _files(objects) >= n, 60, "files", log)  # type: ignore[misc]
                compacting.kill()
            assert compacting.returncode == -9
        with process(*command, variables=variables, log=log) as compacting:
            assert compacting.wait(60) == 0, log.read_text()
    finally:
        reader.stop.set()
        reader.join()
    Compaction(settings=lake, objects=objects, at=now(), keep=timedelta(0)).run()

    assert (reader.wrong, reader.reads > len(KILLED_AT)) == ([], True)
    assert _files(objects) == 2 * DAYS
    assert not objects.names("claims")
    files, root = file_system(lake)
    day = f"{root}/compacted/claims/date_of_service=2026-03-01"
    assert len(pd.read_parquet(day, filesystem=files)) == CLAIMS // DAYS


def _files(objects: Objects) -> int:
    return len(files_with_rows(objects, COMPACTED))
