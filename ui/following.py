"""A thread that follows the topics for the page; outside any group, it commits nothing."""

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import Thread
from typing import Protocol

from clinical_coding.errors import BrokerError, CodingError, RejectedEventError
from runtime import clock
from runtime.kafka import KafkaRecord, Start, TopicReader
from runtime.kafka_group import GroupPlaces, Place
from runtime.kafka_topics import counts
from runtime.page_settings import UiSettings
from runtime.registry import Registry
from runtime.settings import KafkaSettings, RegistrySettings
from schemas.claim_coded import ClaimCoded
from schemas.claim_reviewed import ClaimReviewed
from schemas.dead_letter import DeadLetter, told_letter
from schemas.note_signed import NoteSigned
from schemas.sealed_text import TextStep
from schemas.topics import schema_text, topics
from schemas.wire import RecordReader
from ui.feed import Feed, Looked

POLL_S = 0.2
AGAIN_S = 2.0  # after trouble, and between two looks at the dead letters
BATCH = 500
LETTERS = 200  # dead letters that are told one by one
MIB = 1024 * 1024
FOREIGN = "not one of ours"  # the class of a record without our headers


class Reader(Protocol):
    """An open topic; TopicReader is one."""

    @property
    def begin(self) -> Mapping[int, int]:
        """The offset at which it begins in each partition."""

    def poll(self, limit: int, timeout_s: float) -> list[KafkaRecord]:
        """What has come; BrokerError when the broker is away for good."""

    def close(self) -> None:
        """Leave the broker."""


@dataclass(slots=True, kw_only=True)
class FollowedTopic:
    """One topic, read on from its own offsets whatever becomes of the connection.

    ``open_at`` is given the next offset of each partition, None at the first time; ``take`` does
    with a record what is to be done, and where it raises the record is read again.
    """

    open_at: Callable[[Mapping[int, int] | None], Reader]
    take: Callable[[KafkaRecord], None]
    _reader: Reader | None = None
    _next: dict[int, int] = field(default_factory=dict)

    def read_on(self, timeout_s: float) -> bool:
        """Take what has come, and whether more may be there already.

        Raises what opening, reading and ``take`` raise.
        """
        if self._reader is None:
            self._reader = self.open_at(self._next or None)
            self._next = {**self._reader.begin, **self._next}
        records = self._reader.poll(BATCH, timeout_s)
        for record in records:
            self.take(record)
            self._next[record.partition] = record.offset + 1
        return len(records) == BATCH

    def leave(self) -> None:
        """Close the connection and keep the place."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None


@dataclass(slots=True)
class OpenLetters:
    """The dead letters that stand: how many by the class of their error, and the newest themselves."""

    by_class: Counter[str] = field(default_factory=Counter)
    _newest: OrderedDict[tuple[int, int], DeadLetter] = field(default_factory=OrderedDict)

    def take(self, record: KafkaRecord) -> None:
        """A record of the dead-letter topic; one that is none of ours counts as a letter."""
        letter = told_letter(record.headers)
        if letter is None:
            self.by_class[FOREIGN] += 1
        elif letter.redriven_at is not None:
            self.by_class[letter.error_class] -= 1
            self._newest.pop(letter.source, None)
        else:
            self.by_class[letter.error_class] += 1
            self._newest[letter.source] = letter
            if len(self._newest) > LETTERS:
                self._newest.popitem(last=False)

    def newest(self) -> list[DeadLetter]:
        """At most LETTERS, the one that came last first."""
        return list(reversed(self._newest.values()))


@dataclass(slots=True, kw_only=True)
class Follower:
    """Keeps a feed up to date from its topics; trouble is told on the feed and followed by a retry."""

    feed: Feed
    topics: Sequence[FollowedTopic]
    look: Callable[[], Looked]
    now: Callable[[], datetime] = clock.now
    _looked: datetime | None = None

    def step(self) -> float:
        """Take what has come, look at the dead letters now and then; how long to wait after it, in s."""
        try:
            has_more = False  # then nobody waits for what has yet to come
            for topic in self.topics:
                has_more |= topic.read_on(0.0 if has_more else POLL_S / len(self.topics))
            self._look()
        except CodingError as error:
            self.feed.disconnected(str(error))
            for topic in self.topics:
                topic.leave()
            self._looked = None
            return AGAIN_S
        return 0.0

    def run(self) -> None:
        """Step for as long as the process lives."""
        try:
            while True:
                time.sleep(self.step())
        finally:
            self.feed.disconnected("The feed has stopped by a fault of its own: start it again.")

    def _look(self) -> None:
        now = self.now()
        if self._looked is None or (now - self._looked).total_seconds() >= AGAIN_S:
            self.feed.connected(self.look(), now)
            self._looked = now


def follow(
    kafka: KafkaSettings,
    registry: RegistrySettings,
    settings: UiSettings,
    opened: TextStep,
    group: str,
) -> Feed:
    """A feed that a daemon thread keeps up to date from now on.

    ``opened`` opens sealed texts, ``group`` is the workers'.
    """
    feed = Feed(
        limit=settings.max_claims,
        text_bytes=settings.note_memory_mib * MIB,
        shows_notes=settings.show_notes,
    )
    names, schemas = topics(kafka.topic_prefix), Registry(registry)
    claims = RecordReader(ClaimCoded, schema_text("claim_coded.avsc"), schemas)
    reviews = RecordReader(ClaimReviewed, schema_text("claim_reviewed.avsc"), schemas)
    notes = RecordReader(NoteSigned, schema_text("note_signed.avsc"), schemas, opened)

    def followed(topic: str, take: Callable[[KafkaRecord], None]) -> FollowedTopic:
        return FollowedTopic(
            open_at=lambda places: _open(kafka, topic, places or settings.max_claims), take=take
        )

    def take_claim(record: KafkaRecord) -> None:
        with suppress(RejectedEventError):  # no claim: reconcile tells of it
            feed.add_claim(claims.decode(record.value), clock.now())

    def take_review(record: KafkaRecord) -> None:
        with suppress(RejectedEventError):  # no review: it changes no claim
            feed.add_review(reviews.decode(record.value))

    def take_note(record: KafkaRecord) -> None:
        with suppress(RejectedEventError):  # the worker dead-letters it
            feed.add_note(notes.decode(record.value))

    letters = OpenLetters()
    workers = GroupPlaces(
        kafka, group=group, topic=names.notes.name, timeout_s=kafka.request_timeout_s
    )

    def places() -> Mapping[int, Place] | None:
        partitions = counts(kafka, names.notes.name)  # or the broker does not answer
        with suppress(BrokerError):  # this user may not ask
            return workers.look(partitions)
        return None

    def look() -> Looked:
        found = places()
        return Looked(dead_letters=+letters.by_class, letters=letters.newest(), places=found)

    followed_topics = [
        followed(names.claims.name, take_claim),
        followed(names.reviews.name, take_review),
        FollowedTopic(
            open_at=lambda places: _open(kafka, names.dead_letters.name, places or "beginning"),
            take=letters.take,
        ),
    ]
    if settings.show_notes:
        followed_topics.append(followed(names.notes.name, take_note))
    follower = Follower(feed=feed, topics=followed_topics, look=look)
    Thread(target=follower.run, name="feed", daemon=True).start()
    return feed


def _open(kafka: KafkaSettings, topic: str, start: Start) -> TopicReader:
    reader = TopicReader(kafka, topic, start)
    if not reader.begin:
        reader.close()
        raise BrokerError(
            f"expected topic {topic}; got a broker that has none of that name; create it, or check "
            "CMC_KAFKA_TOPIC_PREFIX"
        )
    return reader
