"""Who revealed, put back, reviewed, replayed or removed what: a log that is only added to.

``audit.jsonl`` in the state folder, an entry a line, each with the SHA-256 of the line before it, so that
a changed, removed or inserted line breaks the chain there (Haber and Stornetta, "How to time-stamp a
digital document", 1991). What is cut off at the end is seen only by who has noted the last hash
elsewhere: `doctor` prints it. Ids only, never what a note says.
"""

import hashlib
import json
import os
import pwd
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from clinical_coding.errors import StorageError
from runtime import clock
from runtime.file_lock import held

FILE = "audit.jsonl"
BEGIN = "0" * 64  # before the first entry
TAIL_BYTES = 4096
MOST_IDS = 1000  # of one entry; more make more entries


class Action(StrEnum):
    """What somebody did."""

    REVEALED = "revealed"  # note text was shown
    REDROVE = "redrove"  # dead letters were put back
    REVIEWED = "reviewed"  # a claim was judged
    REPLAYED = "replayed"  # history was coded again
    REMOVED = "removed"  # days of the lake whose retention is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line; ``user`` is the operating system's, ``ids`` say what of, in the words of ``what``.

    ``person`` is who was logged in to the pages, "" where nobody can.
    """

    at: str
    user: str
    person: str
    action: Action
    what: str
    ids: tuple[str, ...]
    previous: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What a check found; ``broken_line`` counts from 1 and is None where the chain holds."""

    entries: int
    last_hash: str
    broken_line: int | None


class AuditLog:
    """The log of one state folder; safe to use from several processes."""

    def __init__(
        self, state_dir: Path, now: Callable[[], datetime] = clock.now, *, person: str = ""
    ) -> None:
        self._file = state_dir / FILE
        self._person = person
        self._now = now

    def record(self, action: Action, what: str, ids: Iterable[str]) -> None:
        """Add what is about to be done; when this returns it is on the disk.

        Call it before the act: raises StorageError when it cannot be written, and then the act must
        not be done.
        """
        every = tuple(ids)
        parts = [every[n : n + MOST_IDS] for n in range(0, len(every), MOST_IDS)]
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with held(self._file.with_suffix(".lock")):
                for part in parts:
                    self._append(action, what, part)
        except OSError as error:
            raise StorageError(
                f"expected an audit log that can be written at {self._file}; got {error.strerror}; "
                "nothing was done: check the folder and its space"
            ) from None

    def verify(self) -> Chain:
        """Read it all and hold each line against the one before. Raises StorageError."""
        previous, entries = BEGIN, 0
        try:
            for line in self._lines():
                if not _follows(line, previous):
                    return Chain(entries=entries, last_hash=previous, broken_line=entries + 1)
                previous, entries = _hash(line), entries + 1
        except OSError as error:
            raise StorageError(
                f"expected an audit log that can be read at {self._file}; got {error.strerror}; "
                "check who may read it"
            ) from None
        return Chain(entries=entries, last_hash=previous, broken_line=None)

    def _append(self, action: Action, what: str, ids: tuple[str, ...]) -> None:
        self._file.touch(mode=0o600)
        last = _last_line(self._file)
        entry = Entry(
            at=self._now().isoformat(),
            user=_user(),
            person=self._person,
            action=action,
            what=what,
            ids=ids,
            previous=_hash(last) if last else BEGIN,
        )
        torn = b"\n" if last and not last.endswith(b"\n") else b""  # it stays to be seen as such
        _add(self._file, torn + json.dumps(asdict(entry)).encode() + b"\n")

    def _lines(self) -> Iterator[bytes]:
        if not self._file.exists():
            return
        with self._file.open("rb") as file:
            yield from file


def _add(file: Path, content: bytes) -> None:
    """All of it, on the disk, or nothing. Raises OSError."""
    before = file.stat().st_size
    try:
        with file.open("ab") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError:
        os.truncate(file, before)
        raise


def _last_line(file: Path) -> bytes:
    """Read from the end; empty where there is none."""
    size, length = file.stat().st_size, TAIL_BYTES
    while True:
        with file.open("rb") as opened:
            opened.seek(max(0, size - length))
            lines = opened.read().splitlines(keepends=True)
        if len(lines) > 1 or length >= size:
            return lines[-1] if lines else b""
        length *= 2


def _user() -> str:
    """By the system's word: LOGNAME may say anything."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user without a name
        return str(os.getuid())


def _follows(line: bytes, previous: str) -> bool:
    """Whether this is a whole entry that names the hash of the one before."""
    try:
        return line.endswith(b"\n") and json.loads(line)["previous"] == previous
    except (ValueError, KeyError, TypeError):
        return False


def _hash(line: bytes) -> str:
    return hashlib.sha256(line.rstrip(b"\n")).hexdigest()
