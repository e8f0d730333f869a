"""The audit log: what was done is on the disk, and what is changed afterwards is seen."""

import json
import resource
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinical_coding.errors import StorageError
from runtime.audit import BEGIN, FILE, MOST_IDS, Action, AuditLog

NOW = datetime(2026, 3, 2, 15, 4, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    """A log in a folder of its own, at a moment that stands still."""
    return AuditLog(tmp_path, lambda: NOW)


def _filled(folder: Path, entries: int) -> AuditLog:
    log = AuditLog(folder, lambda: NOW)
    for number in range(entries):
        log.record(Action.REVEALED, "dead letter", [f"0:{number}"])
    return log


def test_an_entry_says_who_did_what_when_and_to_what(log: AuditLog, tmp_path: Path) -> None:
    log.record(Action.REDROVE, "dead letter", ["2:17", "0:4"])

    (line,) = (tmp_path / FILE).read_text().splitlines()
    entry = json.loads(line)
    assert entry.pop("user")
    assert entry == {
        "at": "2026-03-02T15:04:00+00:00",
        "person": "",
        "action": "redrove",
        "what": "dead letter",
        "ids": ["2:17", "0:4"],
        "previous": BEGIN,
    }


def test_who_was_logged_in_is_named_beside_the_systems_user(tmp_path: Path) -> None:
    AuditLog(tmp_path, person="ada (a-1)").record(Action.REVEALED, "note", ["n1/1"])

    entry = json.loads((tmp_path / FILE).read_text())
    assert entry["person"] == "ada (a-1)"
    assert entry["user"]


def test_an_empty_log_and_one_that_nobody_touched_hold(tmp_path: Path) -> None:
    assert AuditLog(tmp_path).verify().broken_line is None

    chain = _filled(tmp_path, 5).verify()

    assert (chain.entries, chain.broken_line) == (5, None)
    assert chain.last_hash != BEGIN


@pytest.mark.parametrize(
    ("tampered", "broken_line"),
    [
        (lambda lines: [lines[0], lines[1].replace("0:1", "0:9"), *lines[2:]], 3),
        (lambda lines: [lines[0], *lines[2:]], 2),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], 2),
        (lambda lines: [*lines[:3], lines[2], *lines[3:]], 4),
        (lambda lines: lines[1:], 1),
        (lambda lines: [*lines, "no entry\n"], 6),
    ],
    ids=["changed", "removed", "swapped", "repeated", "beginning cut off", "added by hand"],
)
def test_the_line_is_named_at_which_the_chain_breaks(
    tampered: Callable[[list[str]], list[str]], broken_line: int, tmp_path: Path
) -> None:
    log = _filled(tmp_path, 5)
    lines = (tmp_path / FILE).read_text().splitlines(keepends=True)

    (tmp_path / FILE).write_text("".join(tampered(lines)))

    assert log.verify().broken_line == broken_line


def test_a_last_line_that_was_changed_or_cut_off_changes_the_last_hash(tmp_path: Path) -> None:
    """The chain itself cannot tell: whoever noted the hash elsewhere can."""
    log = _filled(tmp_path, 5)
    noted = log.verify().last_hash
    lines = (tmp_path / FILE).read_text().splitlines(keepends=True)

    (tmp_path / FILE).write_text("".join(lines[:4]))

    assert log.verify().broken_line is None
    assert log.verify().last_hash != noted


def test_a_line_that_was_torn_by_a_crash_is_seen_and_what_comes_after_it_is_kept(
    tmp_path: Path,
) -> None:
    log = _filled(tmp_path, 2)
    with (tmp_path / FILE).open("a") as file:
        file.write('{"at": "2026-')

    log.record(Action.REVEALED, "dead letter", ["0:7"])

    assert log.verify().broken_line == 3
    assert json.loads((tmp_path / FILE).read_text().splitlines()[3])["ids"] == ["0:7"]


@pytest.mark.parametrize("count", [0, 1, MOST_IDS, MOST_IDS + 1, 3 * MOST_IDS])
def test_every_id_is_in_some_entry(count: int, tmp_path: Path) -> None:
    """Long lists take several lines, longer than what is read at once from the end."""
    log = _filled(tmp_path, 1)
    ids = [f"{n}" for n in range(count)]

    log.record(Action.REDROVE, "dead letter", ids)

    lines = (tmp_path / FILE).read_text().splitlines()[1:]
    assert [one for line in lines for one in json.loads(line)["ids"]] == ids
    assert log.verify().broken_line is None


def test_entries_of_several_at_once_make_one_chain(tmp_path: Path) -> None:
    log = AuditLog(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        for number in range(40):
            pool.submit(log.record, Action.REVEALED, "note", [f"note-{number}"])

    assert log.verify().entries == 40
    assert log.verify().broken_line is None


def test_a_log_that_cannot_be_written_refuses_the_act(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StorageError, match="nothing was done"):
        AuditLog(tmp_path / "file").record(Action.REVEALED, "note", ["n"])


def test_a_disk_that_takes_half_an_entry_keeps_none_of_it_and_refuses_the_act(
    tmp_path: Path,
) -> None:
    log = _filled(tmp_path, 3)
    size = (tmp_path / FILE).stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40, hard))
    try:
        with pytest.raises(StorageError, match="File too large"):
            log.record(Action.REVEALED, "note", ["n"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert (tmp_path / FILE).stat().st_size == size
    log.record(Action.REVEALED, "note", ["n"])
    assert log.verify().broken_line is None


def test_only_its_user_may_read_it(tmp_path: Path) -> None:
    _filled(tmp_path, 1)

    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
