"""Coded claims for people who consume the topic: typed, each once, in rising versions of their note."""

from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from clinical_coding.claim import Profile
from clinical_coding.errors import RejectedEventError
from clinical_coding.note import NoteId
from runtime.kafka import KafkaRecord
from schemas.claim_coded import ClaimCoded
from schemas.wire import RecordReader

REMEMBERED = 100_000  # a repeat comes soon after a crash; 43 MB
BATCH = 500


class ClaimRecords(Protocol):
    """Where the records come from; ``runtime.kafka.TopicReader`` is one."""

    def poll(self, limit: int, timeout_s: float) -> list[KafkaRecord]:
        """Up to ``limit`` records that have come; none when the time is over."""

    def until_now(self, timeout_s: float = 30.0) -> Iterator[KafkaRecord]:
        """Every record that the topic holds at this moment, then stop."""


class ClaimReader:
    """Follows the claim topic; of a note the claim that was given last is that of its newest version.

    A claim that comes again after a crash is given once, and one of an older version that comes late
    is passed over and counted in ``outdated``; a retracted version's claim has no codes. It remembers
    the last ``remembered`` ids and notes. ``undecodable`` counts records that are no claim of a
    registered schema; they are passed over.
    """

    def __init__(
        self,
        records: ClaimRecords,
        decoder: RecordReader[ClaimCoded],
        remembered: int = REMEMBERED,
    ) -> None:
        self.undecodable = 0
        self.outdated = 0
        self._remembered = remembered
        self._records = records
        self._decoder = decoder
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._versions: OrderedDict[tuple[NoteId, Profile], int] = OrderedDict()

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
            if self._is_repeat(claim.event_id):
                continue
            if self._is_outdated(claim):
                self.outdated += 1
            else:
                yield claim

    def _is_repeat(self, event_id: str) -> bool:
        is_known = event_id in self._seen
        self._seen[event_id] = None
        if len(self._seen) > self._remembered:
            self._seen.popitem(last=False)
        return is_known

    def _is_outdated(self, claim: ClaimCoded) -> bool:
        note = claim.note_id, claim.profile
        newest = max(claim.note_version, self._versions.pop(note, 0))
        self._versions[note] = newest
        if len(self._versions) > self._remembered:
            self._versions.popitem(last=False)
        return claim.note_version < newest


def start_of(word: str) -> str | datetime:
    """What ``--from`` says: "beginning", "end" or a moment in ISO 8601 (local time where no zone is given).

    Raises ValueError for anything else.
    """
    if word in ("beginning", "end"):
        return word
    moment = datetime.fromisoformat(word)
    return moment if moment.tzinfo else moment.astimezone()
