"""`codemychart evaluate` with the shipped bundle: one command, one report."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.settings import FolderSettings

NOTES = (
    {"id": "a", "text": "Assessment: essential hypertension, type 2 diabetes.", "codes": ["I10", "E11.9"]},
    {"id": "b", "text": "Cough for a week. No fever.", "codes": ["R05.9"], "age": 40, "sex": "male"},
)  # fmt: skip


@pytest.fixture(scope="module")
def done(
    own_folders: FolderSettings, tmp_path_factory: pytest.TempPathFactory
) -> tuple[subprocess.CompletedProcess[str], Path]:
    """A run on a file under both profiles and on a folder with one of the known sets, the baseline, a report and a record in MLflow."""
    folder = tmp_path_factory.mktemp("evaluation")
    file = folder / "visits.jsonl"
    file.write_text("".join(json.dumps(note) + "\n" for note in NOTES))
    (folder / "aci_bench").mkdir()
    (folder / "aci_bench" / "dev.jsonl.gz").write_bytes(gzip.compress(file.read_bytes()))
    asked = [file, "--profile", "mentions", "--claims", file, "--data", folder]
    written = ["--notes", "0", "--json", "--report", folder / "report", "--track"]
    fitted = ["--baseline", "--baseline-notes", "40"]
    ran = subprocess.run(
        [sys.executable, "-m", "cli", "evaluate", *map(str, (*asked, *written, *fitted))],
        capture_output=True,
        text=True,
        check=False,
        env={
            "PATH": "/usr/bin:/bin",
            "CMC_STATE_DIR": str(folder / "state"),
            "CMC_CACHE_DIR": str(own_folders.cache_dir),
        },
    )
    return ran, folder


def test_each_set_and_profile_is_told_beside_the_baseline(
    done: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    ran, folder = done

    assert ran.returncode == 0, ran.stderr[-2000:]
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    name = f"{folder.name}/visits.jsonl"
    sets = [(name, "claim"), ("aci_bench/dev.jsonl.gz", "claim"), (name, "mentions")]
    expected = [(n, p) for one, p in sets for n in (one, f"{one}, baseline")]
    assert [(row["set"], row["profile"]) for row in told] == expected
    assert told[0]["f1"] > told[1]["f1"]


def test_a_file_that_is_not_there_is_skipped_with_a_message(
    done: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    ran, _ = done

    assert "codiesp_en/dev.jsonl.gz: there is no such file" in ran.stderr


def test_report_and_mlflow_keep_figures_and_no_word_of_a_note(
    done: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    _, folder = done

    report = sorted(path.name for path in (folder / "report").iterdir())
    assert report == ["evaluation.json", "evaluation.md", "images"]
    kept = {path.name for path in (folder / "state" / "mlruns").rglob("*") if path.is_file()}
    assert {"evaluation.json", "evaluation.md"} <= kept
    sets = json.loads((folder / "report" / "evaluation.json").read_text())["sets"]
    assert len(sets) == len(list((folder / "report" / "images").iterdir())) == 3
    files = [p for top in ("report", "state") for p in (folder / top).rglob("*") if p.is_file()]
    assert not any(b"essential hypertension" in path.read_bytes() for path in files)
