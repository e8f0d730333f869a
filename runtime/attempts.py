"""Which records worker processes had in hand when they died: a journal in the state folder.

The workers of one machine share it, so that a worker sees what another one died on. Each commit is
synced (0.2 ms for 32 records on the disk of docs/adr/0013-dead-letters.md): what a process had in
hand is on disk before it has it. SQLite keeps the writers apart.
"""

import socket
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clinical_coding.errors import StorageError
from runtime import processes

CORRUPT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
SCHEMA = """
CREATE TABLE IF NOT EXISTS attempts (
    number INTEGER PRIMARY KEY, consumer_group TEXT, topic TEXT, partition INTEGER,
    record_offset INTEGER, published_us INTEGER, process TEXT, alone INTEGER
)
"""
BEGIN = """
INSERT INTO attempts
(consumer_group, topic, partition, record_offset, published_us, process, alone)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
DEAD = """
SELECT topic, partition, record_offset, published_us, process, alone FROM attempts
WHERE consumer_group = ? AND process <> ? ORDER BY number
"""
WITHDRAW = "DELETE FROM attempts WHERE process = ?"
FORGET = """
DELETE FROM attempts
WHERE consumer_group = ? AND topic = ? AND partition = ? AND record_offset <= ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPlace:
    """One record; the moment it was published tells it from that of a topic that was made anew."""

    topic: str
    partition: int
    offset: int
    published_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deaths:
    """How often a process died with a record in hand; ``alone`` says that the last one had no other."""

    count: int
    alone: bool


class AttemptJournal:
    """The journal of one worker group on this machine; made when it is first asked.

    A damaged file is thrown away: what is lost by that are counts. Every method raises StorageError
    when the folder cannot be used; the next call then tries anew.
    """

    def __init__(self, path: Path, group: str) -> None:
        self._path = path
        self._group = group
        self._process = "/".join((socket.gethostname(), *map(str, processes.this_process())))
        self._database: sqlite3.Connection | None = None

    def deaths(self) -> dict[RecordPlace, Deaths]:
        """The records that processes which are gone had in hand, and have not been settled since.

        A process of another host counts as gone: containers that share a folder do not see one
        another's processes.
        """
        with self._opened() as database:
            rows = database.execute(DEAD, (self._group, self._process)).fetchall()
        found: dict[RecordPlace, Deaths] = {}
        for topic, partition, offset, published_us, process, alone in rows:
            if not _is_alive(process):
                place = RecordPlace(
                    topic=topic, partition=partition, offset=offset, published_us=published_us
                )
                before = found[place].count if place in found else 0
                found[place] = Deaths(count=before + 1, alone=bool(alone))
        return found

    def begin(self, places: Sequence[RecordPlace]) -> None:
        """This process takes these records in hand, together; on disk when this returns."""
        alone = len(places) == 1
        with self._opened() as database:
            database.executemany(
                BEGIN,
                [
                    (
                        self._group,
                        p.topic,
                        p.partition,
                        p.offset,
                        p.published_us,
                        self._process,
                        alone,
                    )
                    for p in places
                ],
            )

    def withdraw(self) -> None:
        """What this process has in hand does not count: it ends in order."""
        with self._opened() as database:
            database.execute(WITHDRAW, (self._process,))

    def forget(self, places: Iterable[RecordPlace]) -> None:
        """These records have their outcome, as do those before them in their partitions."""
        last: dict[tuple[str, int], int] = {}
        for place in places:
            partition = (place.topic, place.partition)
            last[partition] = max(place.offset, last.get(partition, 0))
        with self._opened() as database:
            database.executemany(FORGET, [(self._group, *p, offset) for p, offset in last.items()])

    def close(self) -> None:
        """Let go of the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        try:
            if self._database is None:
                self._database = _open(self._path)
            with self._database:
                yield self._database
        except sqlite3.Error as error:
            self.close()
            raise StorageError(
                f"expected a journal of attempts at {self._path}; got {error.sqlite_errorname}; "
                "check CMC_STATE_DIR and the space on its disk"
            ) from None


def _open(path: Path) -> sqlite3.Connection:
    try:
        return _connect(path)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode not in CORRUPT:
            raise
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink(missing_ok=True)
    return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(
        path, check_same_thread=False
    )  # one thread at a time, not always one
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute(SCHEMA)
        database.commit()
    except sqlite3.Error:
        database.close()
        raise
    return database


def _is_alive(process: str) -> bool:
    host, pid, created = process.rsplit("/", 2)
    return host == socket.gethostname() and processes.is_alive(int(pid), float(created))
