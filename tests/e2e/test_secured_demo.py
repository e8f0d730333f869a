"""The main job on a broker that asks everyone who they are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.settings import FolderSettings

pytestmark = pytest.mark.timeout(900)


def test_the_secured_demo_ends_with_every_note_coded_and_landed(
    own_folders: FolderSettings, tmp_path: Path
) -> None:
    """Worker, Spark, publisher and reconciliation, each with its own credentials; none is refused."""
    variables = {
        "CMC_STATE_DIR": str(tmp_path / "state"),
        "CMC_CACHE_DIR": str(own_folders.cache_dir),
    }
    command = ("demo", "--notes", "50", "--no-ui", "--exit", "--secure")

    done = subprocess.run(
        [sys.executable, "-m", "cli", *command],
        env=os.environ | variables,  # noqa: TID251 - handed on
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    table = dict(line.split()[:2] for line in done.stdout.splitlines())
    assert table["notes"] == table["claims"] == "50"
    assert ["landed", "rows", "50"] in [line.split()[:3] for line in done.stdout.splitlines()]
    broker_log = (tmp_path / "state" / "logs" / "kafka.log").read_text()
    assert "is Denied operation" not in broker_log
