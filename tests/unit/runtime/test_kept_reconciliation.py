"""The last reconciliation is found again, and a folder that cannot be used spoils nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from runtime.kept_reconciliation import FILE, KeptReconciliation, keep, kept

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
COUNTS = {"notes": 3, "missing": 0, "landed": None}


def test_what_was_kept_last_is_found(tmp_path: Path) -> None:
    keep({"notes": 1}, NOON, tmp_path / "state")
    keep(COUNTS, NOON, tmp_path / "state")

    assert kept(tmp_path / "state") == KeptReconciliation(at=NOON, counts=COUNTS)


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    keep(COUNTS, NOON, tmp_path / "file" / "state")

    assert kept(tmp_path / "file" / "state") is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"at": "x", "counts": {}}', '{"at": 1, "counts": 2}']
)
def test_a_damaged_file_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)

    assert kept(tmp_path) is None
