"""Breaks the loop of a record that ends the process: by memory, a native fault, a stall, a bug of ours.

What a process has in hand stands in a journal. What stands there when the next one reads it is coded
alone, in the batch's order, so the journal knows which record the next death is of; after so many
deaths, the last one alone, the record is dead-lettered (docs/adr/0013-dead-letters.md).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Protocol

from clinical_coding.errors import CodingError, CrashingRecordError, StorageError
from runtime.attempts import Deaths, RecordPlace
from runtime.logs import get_logger
from schemas.dead_letter import told_letter
from streams.micro_batch import Outcome, Parts, outcomes, refusal
from streams.records import Incoming, present

EPOCH = datetime.fromtimestamp(0, tz=UTC)
MICROSECOND = timedelta(microseconds=1)


class Journal(Protocol):
    """What ``runtime.attempts.AttemptJournal`` does; each raises StorageError."""

    def deaths(self) -> Mapping[RecordPlace, Deaths]:
        """The records that processes died on and that are not settled yet."""

    def begin(self, places: Sequence[RecordPlace]) -> None:
        """This process takes these records in hand."""

    def withdraw(self) -> None:
        """What this process has in hand does not count."""

    def forget(self, places: Sequence[RecordPlace]) -> None:
        """These records have their outcome."""


class CrashLoopBreaker:
    """Takes batches through the engine so that a death can be laid at a record's door.

    A journal that cannot be used is told in the log and gone without: no note waits for it.
    """

    def __init__(self, parts: Parts, journal: Journal, limit: int) -> None:
        self._parts = parts
        self._journal = journal
        self._limit = limit
        self._deaths: Mapping[RecordPlace, Deaths] = {}
        self._log = get_logger()

    def pieces(self, batch: Sequence[Incoming]) -> list[list[Incoming]]:
        """The batch in its order: each record that a process died on alone, the others together.

        A piece is to be settled before the next one goes through the engine, so that a death takes
        nothing along that is done.
        """
        self._write(self._read_deaths)
        runs = [(alone, list(run)) for alone, run in groupby(batch, self._is_suspect)]
        return [
            piece
            for alone, run in runs
            for piece in ([[record] for record in run] if alone else [run])
        ]

    def outcomes(self, piece: Sequence[Incoming]) -> tuple[Outcome, ...]:
        """What each record of the piece becomes, in order; raises as ``micro_batch.outcomes`` does."""
        if len(piece) == 1 and self._is_condemned(piece[0]):
            return (self._condemned(piece[0]),)
        with self._in_hand([place_of(record) for record in piece]):
            return outcomes(piece, self._parts)

    def _is_suspect(self, record: Incoming) -> bool:
        letter = told_letter(present(record.headers))
        was_condemned = letter is not None and letter.error_class == CrashingRecordError.__name__
        return was_condemned or place_of(record) in self._deaths

    def _is_condemned(self, record: Incoming) -> bool:
        deaths = self._deaths.get(place_of(record))
        return deaths is not None and deaths.alone and deaths.count >= self._limit

    def _condemned(self, record: Incoming) -> Outcome:
        error = CrashingRecordError(
            f"expected an outcome; got {self._limit} processes that died on partition "
            f"{record.partition} offset {record.offset}; look for what ended them before you "
            "redrive it (CMC_WORKER_CRASH_ATTEMPTS)"
        )
        self._log.error("record given up", reason=str(error), topic=record.topic)
        return refusal(record, error, self._parts)

    @contextmanager
    def _in_hand(self, places: Sequence[RecordPlace]) -> Iterator[None]:
        self._write(lambda: self._journal.begin(places))
        try:
            yield
        except CodingError:
            self._write(self._journal.withdraw)  # an end in order; any other error is a death
            raise
        self._write(lambda: self._journal.forget(places))

    def _read_deaths(self) -> None:
        self._deaths = self._journal.deaths()

    def _write(self, act: Callable[[], None]) -> None:
        try:
            act()
        except StorageError as error:
            self._log.warning("attempts not recorded", reason=str(error))


def place_of(record: Incoming) -> RecordPlace:
    """Where the record lies and when it was published."""
    return RecordPlace(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        published_us=(record.timestamp - EPOCH) // MICROSECOND,
    )
