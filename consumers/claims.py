"""Coded claims for people who consume the topic: typed, each once, committed after processing."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from clinical_coding.claim import Profile
from clinical_coding.errors import BrokerError, RejectedEventError
from clinical_coding.note import NoteId
from runtime.kafka import KafkaRecord, Start, TopicReader
from runtime.kafka_member import GroupMember
from runtime.registry import Registry
from runtime.settings import KafkaSettings, RegistrySettings
from schemas.claim_coded import ClaimCoded
from schemas.topics import schema_text, topics
from schemas.wire import RecordReader

REMEMBERED = 100_000  # a repeat comes soon after a crash; 43 MB
WAIT_S = 0.5
PATIENCE_S = 30.0


class ClaimRecords(Protocol):
    """Where the records come from: ``TopicReader`` or ``GroupMember``."""

    def poll(self, limit: int, timeout_s: float) -> list[KafkaRecord]:
        """Up to ``limit`` records that have come; none when the time is over."""

    def ends(self) -> Mapping[int, int]:
        """The next offset of each partition that holds something."""

    def is_short_of(self, ends: Mapping[int, int]) -> bool:
        """Whether something before these ends has not been read."""

    def close(self) -> None:
        """Leave."""


class ClaimConsumer:
    """The claims of a topic, each given once by its ``event_id``, whatever schema version wrote it.

    A claim counts as processed when the next one is asked for, or when the ``with`` block ends
    without an error: only then is it committed, so a claim that could not be processed comes again at
    the next start. The ids of the last ``remembered`` claims are kept, in memory: a claim that came
    again across a restart is given again, so let what you write be keyed by ``event_id``.

    Of a note the claim that was given last is that of its newest version: one of an older version that
    comes late is passed over and counted in ``outdated``. A retracted version's claim has no codes.

    ``encounters`` are those that are wanted, none for all. ``undecodable`` counts records that are no
    claim of a registered schema; they are passed over.
    """

    def __init__(
        self,
        records: ClaimRecords,
        decoder: RecordReader[ClaimCoded],
        *,
        processed: Callable[[KafkaRecord], None] | None = None,
        encounters: Collection[str] = (),
        remembered: int = REMEMBERED,
    ) -> None:
        self.undecodable = 0
        self.outdated = 0
        self._records = records
        self._decoder = decoder
        self._processed = processed
        self._encounters = frozenset(encounters)
        self._remembered = remembered
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._versions: OrderedDict[tuple[NoteId, Profile], int] = OrderedDict()
        self._in_hand: KafkaRecord | None = None

    def __iter__(self) -> Iterator[ClaimCoded]:
        """Every claim there is and will be; ends by an error or a break only."""
        while True:
            yield from self._wanted(self._next(WAIT_S))

    def until_now(self) -> Iterator[ClaimCoded]:
        """The claims that the topic holds at this moment, then stop; of a group, this member's share.

        Raises UnavailableError when broker or registry do not answer.
        """
        ends = self._records.ends()
        idle_s = 0.0
        while ends and self._records.is_short_of(ends):
            records = self._next(WAIT_S)
            idle_s = 0.0 if records else idle_s + WAIT_S
            if idle_s > PATIENCE_S:
                raise BrokerError(
                    f"expected the topic's claims; got none for {PATIENCE_S:.0f} s; check the broker, "
                    "and that the group has no more members than the topic has partitions"
                )
            yield from self._wanted(records)
        self._settle()

    def take(self, timeout_s: float) -> ClaimCoded | None:
        """The next claim; None when none has come in time, or what came is passed over."""
        return next(iter(self._wanted(self._next(timeout_s))), None)

    def close(self) -> None:
        """Leave; the claim in hand counts as not processed."""
        self._records.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if kind is None:
            self._settle()
        self.close()

    def _next(self, timeout_s: float) -> list[KafkaRecord]:
        """One record, so that none is lost when the caller stops asking; none when none has come."""
        self._settle()
        return self._records.poll(1, timeout_s)

    def _wanted(self, records: Iterable[KafkaRecord]) -> list[ClaimCoded]:
        found = []
        for record in records:
            self._in_hand = record
            claim = self._new(record)
            if claim is not None:
                found.append(claim)
        return found

    def _new(self, record: KafkaRecord) -> ClaimCoded | None:
        """The record's claim; None when it is none, not wanted, or was given before."""
        try:
            claim = self._decoder.decode(record.value)
        except RejectedEventError:
            self.undecodable += 1
            return None
        if self._encounters and claim.encounter_id not in self._encounters:
            return None
        if self._is_repeat(claim.event_id):
            return None
        if self._is_outdated(claim):
            self.outdated += 1
            return None
        return claim

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

    def _settle(self) -> None:
        if self._in_hand is not None and self._processed is not None:
            self._processed(self._in_hand)
        self._in_hand = None


def claim_consumer(
    kafka: KafkaSettings,
    registry: RegistrySettings,
    *,
    group: str | None = None,
    start: Start = "beginning",
    encounters: Collection[str] = (),
) -> ClaimConsumer:
    """A consumer of the claim topic.

    With a group it shares the partitions with the group's other members and goes on where the group
    was; ``start`` then says where a group begins that is new. Without one it commits nothing. ``start``
    is "beginning", "end" or a moment: the first claim at or after it. Raises BrokerError.
    """
    topic = topics(kafka.topic_prefix).claims.name
    decoder = RecordReader(ClaimCoded, schema_text("claim_coded.avsc"), Registry(registry))
    if group is None:
        return ClaimConsumer(TopicReader(kafka, topic, start), decoder, encounters=encounters)
    member = GroupMember(kafka, topic, group, start)
    return ClaimConsumer(member, decoder, processed=member.processed, encounters=encounters)


def start_of(word: str) -> str | datetime:
    """What ``--from`` says: "beginning", "end" or a moment in ISO 8601 (local time where no zone is given).

    Raises ValueError for anything else.
    """
    if word in ("beginning", "end"):
        return word
    moment = datetime.fromisoformat(word)
    return moment if moment.tzinfo else moment.astimezone()
