"""Laws of the house that no tool checks."""

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("clinical_coding", "schemas", "runtime", "producers", "streams", "consumers", "ui", "cli")
FORBIDDEN_NAMES = {"utils", "common", "helpers", "manager", "misc", "base", "core", "shared", "lib",
                   "handler", "processor", "wrapper", "data", "info"}  # fmt: skip


def test_nothing_in_ui_is_called_like_a_top_level_folder() -> None:
    """Streamlit puts ui/ first on the import path: ui/schemas.py would hide schemas."""
    top = {path.name for path in ROOT.iterdir() if path.is_dir()}

    assert not top & {path.stem for path in (ROOT / "ui").iterdir()}


def test_no_module_is_called_by_a_word_that_names_nothing() -> None:
    names = {path.stem for room in ROOMS for path in (ROOT / room).rglob("*.py")}

    assert not names & FORBIDDEN_NAMES


def test_who_reads_the_settings_of_broker_or_lake_says_in_which_role() -> None:
    """Without a role there are no credentials, and a secured broker lets nobody in."""
    files = [file for room in ROOMS for file in (ROOT / room).rglob("*.py")]

    roleless = ("read(KafkaSettings)", "read(LandingSettings)")
    assert not [f for f in files if any(call in f.read_text() for call in roleless)]


@pytest.mark.parametrize("room", ROOMS)
def test_importing_a_rooms_modules_opens_nothing_and_reads_no_environment(room: str) -> None:
    """In a bare process: no settings are needed, no port is opened, nothing is printed."""
    modules = [
        module.name
        for module in pkgutil.walk_packages([str(ROOT / room)], f"{room}.")
        if not module.name.endswith("__main__") and module.name != "ui.app"
    ]
    done = subprocess.run(
        [sys.executable, "-c", f"import {', '.join([room, *modules])}"],
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
        cwd=ROOT,
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, b""), done.stderr.decode()[-2000:]
