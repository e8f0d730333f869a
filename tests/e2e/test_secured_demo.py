"""The main job, and what comes after it, on a broker that asks everyone who they are."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from runtime.bundle_files import SHIPPED_BUNDLE
from runtime.clock import now
from runtime.kafka import KafkaSender
from runtime.roles import Role
from runtime.settings import SERVICES_ENV, FolderSettings, KafkaSettings
from schemas.topics import topics
from tests.waiting import process, wait_for

pytestmark = pytest.mark.timeout(900)
WITHIN_S = 120


@pytest.fixture
def variables(own_folders: FolderSettings, tmp_path: Path) -> dict[str, str]:
    """A state folder of its own, downloads shared."""
    return {
        "CMC_STATE_DIR": str(tmp_path / "state"),
        "CMC_CACHE_DIR": str(own_folders.cache_dir),
    }


def _command(variables: Mapping[str, str], *command: str) -> str:
    """What it prints; it must end with 0."""
    done = subprocess.run(
        [sys.executable, "-m", "cli", *command],
        env=os.environ | variables,  # noqa: TID251 - handed on
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    return done.stdout


def _nobody_was_refused(variables: Mapping[str, str]) -> bool:
    log = Path(variables["CMC_STATE_DIR"]) / "logs" / "kafka.log"
    return "is Denied operation" not in log.read_text()


def test_the_secured_demo_ends_with_every_note_coded_and_landed(variables: dict[str, str]) -> None:
    """Worker, Spark, publisher and reconciliation, each with its own credentials; none is refused."""
    told = _command(variables, "demo", "--notes", "50", "--no-ui", "--exit", "--secure")

    table = dict(line.split()[:2] for line in told.splitlines())
    assert table["notes"] == table["claims"] == "50"
    assert ["landed", "rows", "50"] in [line.split()[:3] for line in told.splitlines()]
    assert _nobody_was_refused(variables)


def test_dead_letters_replay_and_lake_work_unchanged_on_a_secured_stack(
    variables: dict[str, str], tmp_path: Path
) -> None:
    """Each command reads the credentials of its role by itself; no process is refused anything."""
    began, log, state = now(), tmp_path / "log", Path(variables["CMC_STATE_DIR"])
    notes = tmp_path / "notes.jsonl"
    notes.write_text(json.dumps({"note_id": "n1", "text": "CHF and HTN, no CKD"}))
    _command(variables, "up", "--secure")
    try:
        files = [state / name for name in (SERVICES_ENV, Role.PRODUCER.env_file)]
        producer = KafkaSettings(_env_file=files)  # type: ignore[call-arg] # pydantic's own argument
        sender = KafkaSender(producer, "test")
        sender.send(topics("").notes.name, "encounter", b"no event", {})
        sender.flush(20)
        _command(variables, "publish", str(notes))

        def refused() -> list[dict[str, object]]:
            listed = _command(variables, "dlq", "list", "--json")
            return [json.loads(line) for line in listed.splitlines()]

        def landed() -> str:
            return _command(variables, "lake", "sql", "--csv", "SELECT count(*) AS n FROM claims")

        with (
            process("cli", "worker", variables=variables, log=log),
            process("cli", "land", variables=variables, log=log),
        ):
            wait_for(lambda: len(refused()) == 1, WITHIN_S, "the dead letter", log)
            _command(variables, "dlq", "redrive", "--all")
            wait_for(lambda: [r["attempt"] for r in refused()] == [2], WITHIN_S, "its return", log)
            window = ("--since", began.isoformat(), "--until", now().isoformat())
            _command(variables, "replay", *window, "--model", str(SHIPPED_BUNDLE))
            (run,) = (state / "replays").iterdir()
            _command(variables, "replay", "promote", run.name)
            wait_for(lambda: landed().split() == ["n", "1"], WITHIN_S, "the claim's row", log)
        _command(variables, "reconcile")
        assert _nobody_was_refused(variables)
    finally:
        _command(variables, "down")
