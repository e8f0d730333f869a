"""Coded claims for people who consume the topic: typed, each once, nothing committed."""

from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from clinical_coding.errors import RejectedEventError
from runtime.kafka import KafkaRecord
from schemas.claim_coded import ClaimCoded
from schemas.wire import RecordReader

REMEMBERED_IDS = 100_000  # a repeat comes soon after a crash; 10 MB
BATCH = 500


class ClaimRecords(Protocol):
    """Where the records come from; ``runtime.kafka.TopicReader`` is one."""

    def poll(self, limit: int, timeout_s: float) -> list[KafkaRecord]:
        """Up to ``limit`` records that have come; none when the time is over."""

    def until_now(self, timeout_s: float = 30.0) -> Iterator[KafkaRecord]:
        """Every record that the topic holds at this moment, then stop."""


class ClaimReader:
    """Follows the claim topic; a claim that comes again after a crash is given once.

    It remembers the last ``remembered`` ids. ``undecodable`` counts records that are no claim of a
    registered schema; they are passed over.
    """

    def __init__(
        self,
        records: ClaimRecords,
        decoder: RecordReader[ClaimCoded],
        remembered: int = REMEMBERED_IDS,
    ) -> None:
        self.undecodable = 0
        self._remembered = remembered
        self._records = records
        self._decoder = decoder
        self._seen: OrderedDict[str, None] = OrderedDict()

    def poll(self, timeout_s: float) -> list[ClaimCoded]:
        """The claims that have come since the last call; waits up to ``timeout_s`` for the first.

        Raises UnavailableError when broker or registry do not answer.
        """
        return list(self._new(self._records.poll(BATCH, timeout_s)))

    def until_now(self) -> Iterator[ClaimCoded]:
        """The claims that the topic holds at this moment, then stop."""
        for record in self._records.until_now():
            yield from self._new([record])

    def _new(self, records: list[KafkaRecord]) -> Iterator[ClaimCoded]:
        for record in records:
            try:
                claim = self._decoder.decode(record.value)
            except RejectedEventError:
                self.undecodable += 1
                continue
            if claim.event_id not in self._seen:
                self._remember(claim.event_id)
                yield claim

    def _remember(self, event_id: str) -> None:
        self._seen[event_id] = None
        if len(self._seen) > self._remembered:
            self._seen.popitem(last=False)


def start_of(word: str) -> str | datetime:
    """What ``--from`` says: "beginning", "end" or a moment in ISO 8601 (local time where no zone is given).

    Raises ValueError for anything else.
    """
    if word in ("beginning", "end"):
        return word
    moment = datetime.fromisoformat(word)
    return moment if moment.tzinfo else moment.astimezone()
