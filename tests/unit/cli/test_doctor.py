"""What doctor says of the audit log."""

import json
from pathlib import Path

from click.testing import CliRunner

from cli.doctor import doctor
from runtime.audit import FILE, Action, AuditLog


def _told(folder: Path) -> dict[str, str]:
    asked = CliRunner(env={"CMC_STATE_DIR": str(folder)}).invoke(doctor, ["--json"])
    assert isinstance(asked.exception, SystemExit | None), asked.exception
    rows = [json.loads(line) for line in asked.stdout.splitlines()]
    return next(row for row in rows if row["name"] == "audit log")


def test_the_audit_log_is_told_by_its_last_hash_and_a_broken_one_by_its_line(
    tmp_path: Path,
) -> None:
    log = AuditLog(tmp_path)
    log.record(Action.REVEALED, "note", ["n1"])
    log.record(Action.REVEALED, "note", ["n2"])
    whole = _told(tmp_path)
    text = (tmp_path / FILE).read_text()

    (tmp_path / FILE).write_text(text.replace("n1", "n9"))

    assert whole["state"] == "ok"
    assert "2 entries" in whole["detail"]
    broken = _told(tmp_path)
    assert broken["state"] == "wrong"
    assert "line 2" in broken["detail"]
    assert "move the file aside" in broken["remedy"]
