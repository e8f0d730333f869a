"""A replay's run on disk."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clinical_coding.claim import Profile
from clinical_coding.errors import StorageError
from runtime.progress import silent
from runtime.replay_runs import (
    PLAN,
    Refused,
    ReplayPlan,
    ReplayRequest,
    ReplayState,
    run_folder,
    runs,
)

SINCE = datetime(2026, 3, 2, tzinfo=UTC)
REQUEST = ReplayRequest(
    since=SINCE, until=SINCE + timedelta(days=1), encounters=("e1",), model_version="2-aaaaaaaa",
    encoder="e", code_sets=None, profile=Profile.CLAIM, notes_topic="notes", into=None,
)  # fmt: skip
PLANNED = ReplayPlan(
    request=REQUEST,
    topic="shadow",
    begin={0: 3, 1: 0},
    end={0: 9, 1: 4},
    cut=(1,),
    planned_at=SINCE,
)
STATE = ReplayState(
    places={0: 5, 1: 0}, read=2, coded=1, refused=1,
    first_refused=(Refused(partition=0, offset=3, error_class="X"),), took_s=0.5,
)  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        {"since": SINCE + timedelta(seconds=1)},
        {"until": SINCE + timedelta(days=2)},
        {"encounters": ()},
        {"model_version": "3-bbbbbbbb"},
        {"encoder": "bf16"},
        {"code_sets": "/sets"},
        {"profile": Profile.MENTIONS},
        {"notes_topic": "staging.notes"},
        {"into": "mine"},
    ],
    ids=str,
)
def test_the_same_request_is_the_same_run_and_any_other_another(other: dict[str, object]) -> None:
    assert replace(REQUEST).run == REQUEST.run
    assert replace(REQUEST, **other).run != REQUEST.run  # type: ignore[arg-type] # fields by name


def test_plan_and_state_come_back_as_they_were_kept(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, "run")
    assert (folder.plan(), folder.state()) == (None, None)

    with folder.hold(silent):
        folder.save_plan(PLANNED)
        folder.save_state(STATE)

    assert (folder.plan(), folder.state()) == (PLANNED, STATE)
    assert PLANNED.records == 10


def test_the_runs_are_listed_in_the_order_they_were_planned(tmp_path: Path) -> None:
    for name, age_s in (("new", 0), ("old", 60), ("older", 600)):
        folder = run_folder(tmp_path, name)
        with folder.hold(silent):
            folder.save_plan(replace(PLANNED, planned_at=SINCE - timedelta(seconds=age_s)))

    assert [folder.name for folder in runs(tmp_path)] == ["older", "old", "new"]


def test_a_damaged_run_is_a_storage_error_that_names_its_file(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, "run")
    folder.path.mkdir(parents=True)
    (folder.path / PLAN).write_text("{")

    with pytest.raises(StorageError, match=PLAN):
        folder.plan()


def test_a_removed_run_is_gone(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, "run")
    with folder.hold(silent):
        folder.save_plan(PLANNED)
        folder.remove()

    assert runs(tmp_path) == ()
    with pytest.raises(StorageError):
        folder.remove()
