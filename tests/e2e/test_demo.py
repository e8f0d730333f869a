"""The main job end to end with the real engine: publish, code, land, reconcile."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.settings import FolderSettings
from tests.waiting import wait_for

pytestmark = pytest.mark.timeout(900)


def _codemychart(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "cli", *arguments]


@pytest.fixture
def variables(tmp_path: Path, own_folders: FolderSettings) -> dict[str, str]:
    """A state folder of this test's own; downloads and title vectors are the user's."""
    return os.environ | {  # noqa: TID251 - handed on
        "CMC_STATE_DIR": str(tmp_path / "state"),
        "CMC_CACHE_DIR": str(own_folders.cache_dir),
    }


def test_the_demo_ends_with_every_note_coded_and_landed_and_stops_everything(
    variables: dict[str, str], tmp_path: Path
) -> None:
    """The documented command: exit 0 and the reconciled table; then nothing runs any more."""
    rows = [{"note_id": f"n{n}", "text": "Chest pain 🙂\r\nDenies fever."} for n in range(40)]
    notes = tmp_path / "notes.jsonl"
    lines = [*map(json.dumps, rows), "{broken", json.dumps({"note_id": "empty", "text": ""}),
             json.dumps({"note_id": "long", "text": "Cough for 2 days. " * 11_000})]  # fmt: skip
    notes.write_text("\n".join(lines))

    done = subprocess.run(
        _codemychart("demo", "--file", str(notes), "--no-ui", "--exit"),
        env=variables,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    table = dict(line.split()[:2] for line in done.stdout.splitlines() if len(line.split()) > 1)
    assert table["notes"] == table["claims"] == "42"
    assert table["missing"] == table["doubled"] == "0"
    assert ["landed", "rows", "42"] in [line.split()[:3] for line in done.stdout.splitlines()]
    assert "notes.jsonl:41" in done.stderr
    status = subprocess.run(
        _codemychart("status", "--json"), env=variables, capture_output=True, check=False
    )
    assert {s["state"] for s in json.loads(status.stdout)["services"]} == {"stopped"}


def test_ctrl_c_in_the_middle_and_a_killed_demo_leave_nothing_that_the_next_start_minds(
    variables: dict[str, str], tmp_path: Path
) -> None:
    """Kill -9 leaves services running; `down` finds and stops them; Ctrl-C and SIGTERM stop all by themselves."""
    log = tmp_path / "demo.log"
    with log.open("ab") as output:
        killed = subprocess.Popen(
            _codemychart("demo", "--notes", "500", "--rate", "5", "--no-ui"),
            env=variables, stdout=output, stderr=output,
        )  # fmt: skip
        wait_for(lambda: "seed" in log.read_text(), 400, "publishing", log)
        killed.kill()
        killed.wait()
        down = subprocess.run(_codemychart("down"), env=variables, capture_output=True, check=False)
        assert {b"kafka", b"worker", b"landing"} <= set(down.stdout.replace(b",", b"").split())

        for number in (signal.SIGINT, signal.SIGTERM):
            log.write_bytes(b"")
            stopped = subprocess.Popen(
                _codemychart("demo", "--notes", "500", "--rate", "5", "--no-ui"),
                env=variables, stdout=output, stderr=output,
            )  # fmt: skip
            wait_for(lambda: "seed" in log.read_text(), 200, "a start", log)
            stopped.send_signal(number)
            # A shell reports 130 for both; Python ends the second way if it was importing just then.
            assert stopped.wait(60) in (130, -signal.SIGINT), log.read_text()[-3000:]
    down = subprocess.run(_codemychart("down"), env=variables, capture_output=True, check=False)
    assert down.stdout == b"nothing was running\n"
