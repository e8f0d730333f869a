"""Kafka through librdkafka: producing with counted acknowledgements, reading, topics, lag."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime

from confluent_kafka import (
    TIMESTAMP_NOT_AVAILABLE,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import ConfigResource  # type: ignore[attr-defined] # it is there
from confluent_kafka.cimpl import NewTopic

from clinical_coding.errors import BrokerError
from runtime.kafka_connection import (
    Complaints,
    Config,
    admin,
    consumer,
    heard_config,
    name,
    translated,
)
from runtime.settings import KafkaSettings

MAX_RECORD_BYTES = 4 * 1024 * 1024  # a note of 1 million characters fits; larger is refused
ENVELOPE_BYTES = 64 * 1024  # key and headers beside the value: those of a dead letter among them

Start = str | datetime | int | Mapping[int, int]  # where a TopicReader begins


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaRecord:
    """One record as read; its key, value and headers are left out of its repr."""

    topic: str
    partition: int
    offset: int
    timestamp: datetime
    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)
    headers: dict[str, bytes] = field(repr=False)


class KafkaSender:
    """An idempotent producer that counts every acknowledgement.

    A record is safe once ``acked`` counted it: all in-sync replicas hold it.
    """

    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._complaints = Complaints()
        self._fault = ""
        self.acked = 0
        self.failed = 0
        options: Config = {
            "client.id": client_id,
            "enable.idempotence": True,
            "acks": "all",
            "linger.ms": 5,
            "compression.type": "lz4",
            "message.max.bytes": MAX_RECORD_BYTES,
            "delivery.timeout.ms": 60_000,
        }
        with translated("connect to", settings.bootstrap_servers):
            self._producer = Producer(heard_config(settings, self._complaints) | options)

    def send(self, topic: str, key: str, value: bytes, headers: Mapping[str, bytes]) -> None:
        """Queue one record; waits while the queue is full.

        Raises BrokerError when an earlier record has failed for good or the record is too large.
        """
        if self.failed:
            raise self._undelivered()
        while True:
            try:
                self._producer.produce(
                    topic,
                    key=key.encode(),
                    value=value,
                    headers=dict(headers),
                    on_delivery=self._count,
                )
                break
            except BufferError:
                self._producer.poll(0.1)
            except KafkaException as error:
                raise BrokerError(
                    f"expected a record that {topic} takes; got {len(value)} bytes: "
                    f"{name(error)}; the limit is {MAX_RECORD_BYTES} bytes"
                ) from None
        self._producer.poll(0)

    @property
    def waiting(self) -> int:
        """Records that are queued or on their way."""
        return len(self._producer)

    def flush(self, timeout_s: float) -> None:
        """Wait until the broker holds every record; BrokerError when it does not."""
        left = self._producer.flush(timeout_s)
        if left or self.failed:
            raise self._undelivered(left)

    def _count(self, error: KafkaError | None, _: Message) -> None:
        if error is None:
            self.acked += 1
        else:
            self.failed += 1
            self._fault = self._fault or error.name()

    def _undelivered(self, left: int = 0) -> BrokerError:
        reason = self._complaints.reason or self._fault or "no reason given"
        return BrokerError(
            f"expected every record acknowledged; got {self.acked} acknowledged, "
            f"{self.failed} failed, {left} waiting ({reason}); check the "
            "broker and publish the rest again"
        )


class TopicReader:
    """Reads a topic's partitions outside any group: it never commits and never shares.

    ``start`` is "beginning", "end", a moment: the first record at or after it, a number: so many
    records before the end of each partition, or the offset for each partition; a partition left out
    begins at its first record, and so does one that does not reach to the offset. ``begin`` tells
    the offset at which each one began.
    """

    def __init__(self, settings: KafkaSettings, topic: str, start: Start) -> None:
        options: Config = {
            "enable.auto.commit": False,
            "enable.partition.eof": False,
            "fetch.message.max.bytes": MAX_RECORD_BYTES,
            "auto.offset.reset": "earliest",
        }
        connection = consumer(settings, options)
        self._consumer = connection.client
        self._settings = settings
        self._topic = topic
        numbers = connection.partitions(topic)
        self.begin = self._starts(numbers, start)
        with translated("read topic", topic):
            self._consumer.assign([TopicPartition(topic, n, at) for n, at in self.begin.items()])

    def poll(self, limit: int, timeout_s: float) -> list[KafkaRecord]:
        """Up to ``limit`` records that have come; none when the time is over."""
        with translated("read topic", self._topic):
            messages = self._consumer.consume(limit, timeout_s)
        for message in messages:
            fault = message.error()
            if fault is not None and not fault.retriable():
                raise BrokerError(f"cannot read {self._topic}: {fault.name()}; check the broker")
        return [_record(message) for message in messages if message.error() is None]

    def until_now(self, timeout_s: float = 30.0) -> Iterator[KafkaRecord]:
        """Every record that the topic holds at this moment, then stop.

        Raises BrokerError when nothing more has come for ``timeout_s`` before the end.
        """
        marks = counts(self._settings, self._topic)  # asked here, it would wait for each fetch
        place = {p.partition: p.offset for p in self._consumer.position(self._assigned())}
        open_ = {n for n, at in self.begin.items() if marks[n][1] > max(at, place[n], marks[n][0])}
        deadline = time.monotonic() + timeout_s
        while open_:
            records = self.poll(1000, 0.1)
            for record in records:
                if record.offset < marks[record.partition][1]:
                    yield record
            now = {p.partition: p.offset for p in self._consumer.position(self._assigned())}
            open_ = {n for n in open_ if now[n] < marks[n][1]}
            if records:
                deadline = time.monotonic() + timeout_s
            elif time.monotonic() > deadline:
                raise BrokerError(f"{self._topic} gave no record for {timeout_s:.0f} s; check it")

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()

    def _assigned(self) -> list[TopicPartition]:
        return [TopicPartition(p.topic, p.partition) for p in self._consumer.assignment()]

    def _starts(self, numbers: Sequence[int], start: Start) -> dict[int, int]:
        """The offset to begin at in each partition: a number, so that an empty rest is seen as one."""
        marks = counts(self._settings, self._topic)
        if isinstance(start, Mapping):
            return {n: start.get(n, first) for n, (first, _) in marks.items()}
        if isinstance(start, int):
            return {n: max(first, end - start) for n, (first, end) in marks.items()}
        if isinstance(start, datetime):
            at = int(start.timestamp() * 1000)
            wanted = [TopicPartition(self._topic, n, at) for n in numbers]
            with translated("read topic", self._topic):
                found = self._consumer.offsets_for_times(wanted, self._settings.request_timeout_s)
            return {
                p.partition: p.offset if p.offset >= 0 else marks[p.partition][1] for p in found
            }
        return {n: marks[n][1 if start == "end" else 0] for n in numbers}


def create_topics(settings: KafkaSettings, names: Iterable[str]) -> tuple[str, ...]:
    """Create the topics that do not exist yet; returns their names.

    Raises BrokerError when the broker refuses or does not answer.
    """
    wanted = [
        NewTopic(
            topic,
            num_partitions=settings.partitions,
            replication_factor=settings.replication_factor,
            config={"max.message.bytes": str(MAX_RECORD_BYTES + ENVELOPE_BYTES)},
        )
        for topic in names
    ]
    connection = admin(settings)
    connection.metadata()
    created = []
    answers = connection.client.create_topics(wanted, request_timeout=settings.request_timeout_s)
    for topic, answer in answers.items():
        try:
            answer.result()
            created.append(topic)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise BrokerError(f"cannot create topic {topic}: {name(error)}") from None
    return tuple(created)


def record_limit(settings: KafkaSettings, topic: str) -> int:
    """The bytes that the broker takes into the topic at once, at most MAX_RECORD_BYTES.

    MAX_RECORD_BYTES, too, where the broker does not tell, for instance for want of a permission.
    """
    client, asked = admin(settings).client, ConfigResource(ConfigResource.Type.TOPIC, topic)
    try:
        answers = client.describe_configs([asked], request_timeout=settings.request_timeout_s)
        answer = answers[asked].result()
    except KafkaException:
        return MAX_RECORD_BYTES
    return min(MAX_RECORD_BYTES, int(answer["max.message.bytes"].value))


def ask(settings: KafkaSettings) -> tuple[str, ...]:
    """The names of the broker's topics.

    Raises BrokerError, with the client's complaint, when it does not answer in time.
    """
    return tuple(sorted(admin(settings).metadata().topics))


def counts(settings: KafkaSettings, topic: str) -> dict[int, tuple[int, int]]:
    """First and next offset of each partition; empty when there is no such topic."""
    connection = consumer(settings, {})
    ask_marks, limit_s = connection.client.get_watermark_offsets, settings.request_timeout_s
    with closing(connection.client), translated("ask for topic", topic):
        numbers = connection.partitions(topic)
        return {n: ask_marks(TopicPartition(topic, n), limit_s) for n in numbers}


def committed(settings: KafkaSettings, group: str, topic: str) -> dict[int, int]:
    """The next offset that the group would read in each partition; the first where it has none."""
    ends = counts(settings, topic)
    asked = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, n) for n in ends])
    if not ends:
        return {}
    client = admin(settings).client
    try:
        answer = client.list_consumer_group_offsets(
            [asked], request_timeout=settings.request_timeout_s
        )
        places = answer[group].result().topic_partitions
    except KafkaException as error:
        raise BrokerError(f"cannot ask for the offsets of {group}: {name(error)}") from None
    return {p.partition: max(p.offset, ends[p.partition][0]) for p in places}


def lag(settings: KafkaSettings, group: str, topic: str) -> dict[int, int]:
    """How many records the group is behind in each partition."""
    reached = committed(settings, group, topic)
    return {n: end - reached.get(n, first) for n, (first, end) in counts(settings, topic).items()}


def _record(message: Message) -> KafkaRecord:
    kind, millis = message.timestamp()
    seconds = 0 if kind == TIMESTAMP_NOT_AVAILABLE else millis / 1000
    return KafkaRecord(
        topic=message.topic() or "",
        partition=message.partition() or 0,
        offset=message.offset() or 0,
        timestamp=datetime.fromtimestamp(seconds, tz=UTC),
        key=message.key(),
        value=message.value(),
        headers=_headers(message),
    )


def _headers(message: Message) -> dict[str, bytes]:
    pairs: Iterable[tuple[str, bytes | None]] = message.headers() or ()  # type: ignore[assignment] # typed as if it could be a string
    return {name: value or b"" for name, value in pairs}
