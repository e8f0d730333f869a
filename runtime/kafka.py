"""Kafka through librdkafka: producing with counted acknowledgements, and reading."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from confluent_kafka import (
    TIMESTAMP_NOT_AVAILABLE,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)

from clinical_coding.errors import BrokerError
from runtime.kafka_connection import (
    Complaints,
    Config,
    consumer,
    heard_config,
    name,
    translated,
)
from runtime.kafka_topics import MAX_RECORD_BYTES, counts, offsets_at
from runtime.metrics import ProducerMetrics
from runtime.settings import KafkaSettings

# As they lie: a name may come twice and a value may be missing, as Kafka allows.
Headers = tuple[tuple[str, bytes | None], ...]
Start = str | datetime | int | Mapping[int, int]  # where a TopicReader begins
ANY_PARTITION = -1  # librdkafka's own


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaRecord:
    """One record as read; its key, value and headers are left out of its repr.

    ``headers`` has each name once, the last one's value, empty where it has none; ``raw_headers`` has
    them as they lie.
    """

    topic: str
    partition: int
    offset: int
    timestamp: datetime
    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)
    headers: dict[str, bytes] = field(repr=False)
    raw_headers: Headers = field(default=(), repr=False)


class KafkaSender:
    """An idempotent producer that counts every acknowledgement.

    A record is safe once ``acked`` counted it: all in-sync replicas hold it. ``metrics`` counts too.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        client_id: str,
        metrics: ProducerMetrics | None = None,
        limit_bytes: int = MAX_RECORD_BYTES,
    ) -> None:
        self._metrics = metrics or ProducerMetrics()
        self._limit = limit_bytes
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
            "message.max.bytes": limit_bytes,
            "delivery.timeout.ms": 60_000,
        }
        with translated("connect to", settings.bootstrap_servers):
            self._producer = Producer(heard_config(settings, self._complaints) | options)

    def send(
        self,
        topic: str,
        key: str | bytes | None,
        value: bytes | None,
        headers: Mapping[str, bytes] | Headers,
        partition: int = ANY_PARTITION,
    ) -> None:
        """Queue one record; waits while the queue is full. Without a partition the key says which.

        Raises BrokerError when an earlier record has failed for good or the record is too large.
        """
        if self.failed:
            raise self._undelivered()
        while True:
            try:
                self._producer.produce(
                    topic,
                    key=key.encode() if isinstance(key, str) else key,
                    value=value,
                    headers=list(headers.items() if isinstance(headers, Mapping) else headers),
                    partition=partition,
                    on_delivery=self._count,
                )
                break
            except BufferError:
                with self._translated():
                    self._producer.poll(0.1)
            except KafkaException as error:
                raise BrokerError(
                    f"expected a record that {topic} takes; got {len(value or b'')} bytes: "
                    f"{name(error)}; the limit is {self._limit} bytes"
                ) from None
        with self._translated():
            self._producer.poll(0)

    @property
    def waiting(self) -> int:
        """Records that are queued or on their way."""
        return len(self._producer)

    def flush(self, timeout_s: float) -> None:
        """Wait until the broker holds every record; BrokerError when it does not."""
        with self._translated():
            left = self._producer.flush(timeout_s)
        if left or self.failed:
            raise self._undelivered(left)

    def _count(self, error: KafkaError | None, _: Message) -> None:
        if error is None:
            self.acked += 1
            self._metrics.acked.inc()
        else:
            self.failed += 1
            self._metrics.failed.inc()
            self._fault = self._fault or error.name()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """What ends the client for good, for instance that this user may write nothing at all.

        The client raises it past its callbacks, as a SystemError where one of them was to come.
        """
        try:
            yield
        except (KafkaException, SystemError) as error:
            fatal = error if isinstance(error, KafkaException) else error.__cause__
            self.failed += 1
            self._fault = name(fatal) if isinstance(fatal, KafkaException) else "a fatal error"
            raise self._undelivered(self.waiting) from None

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
        self._consumer = consumer(settings, options).client
        self._settings = settings
        self._topic = topic
        self.begin = start_offsets(settings, topic, start)
        with translated("read topic", topic):
            self._consumer.assign([TopicPartition(topic, n, at) for n, at in self.begin.items()])

    def poll(self, limit: int, timeout_s: float) -> list[KafkaRecord]:
        """Up to ``limit`` records that have come; none when the time is over."""
        with translated("read topic", self._topic):
            return records_of(self._consumer.consume(limit, timeout_s), self._topic)

    def ends(self) -> dict[int, int]:
        """The next offset of each partition that holds something."""
        marks = counts(self._settings, self._topic)
        return {n: end for n, (first, end) in marks.items() if end > first}

    def is_short_of(self, ends: Mapping[int, int]) -> bool:
        """Whether something before these ends has not been read."""
        places = self._places()
        return any(max(at, places[n]) < ends.get(n, 0) for n, at in self.begin.items())

    def until_now(self, timeout_s: float = 30.0) -> Iterator[KafkaRecord]:
        """Every record that the topic holds at this moment, then stop.

        Raises BrokerError when nothing more has come for ``timeout_s`` before the end.
        """
        marks = counts(self._settings, self._topic)  # asked here, it would wait for each fetch
        return self._until({n: end for n, (_, end) in marks.items()}, marks, timeout_s)

    def until(self, ends: Mapping[int, int], timeout_s: float = 30.0) -> Iterator[KafkaRecord]:
        """Every record before the offset that each partition has in ``ends``, then stop.

        A partition that is through is not fetched any further, now or later. Raises BrokerError when
        nothing more has come for ``timeout_s`` before the end.
        """
        yield from self._until(ends, counts(self._settings, self._topic), timeout_s, pause=True)

    def _until(
        self,
        ends: Mapping[int, int],
        marks: Mapping[int, tuple[int, int]],
        timeout_s: float,
        *,
        pause: bool = False,
    ) -> Iterator[KafkaRecord]:
        place = self._places()
        open_ = {
            n
            for n, at in self.begin.items()
            if max(at, place[n], marks[n][0]) < min(ends.get(n, 0), marks[n][1])
        }
        deadline = time.monotonic() + timeout_s
        while open_:
            records = self.poll(1000, 0.1)
            for record in records:
                if record.offset < ends.get(record.partition, 0):
                    yield record
            now = self._places()
            through = {n for n in open_ if now[n] >= ends[n]}
            open_ -= through
            if pause and through:
                self._consumer.pause([TopicPartition(self._topic, n) for n in through])
            if records:
                deadline = time.monotonic() + timeout_s
            elif time.monotonic() > deadline:
                raise BrokerError(f"{self._topic} gave no record for {timeout_s:.0f} s; check it")

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()

    def _places(self) -> dict[int, int]:
        """The next offset of each partition; below 0 before its first record."""
        assigned = [TopicPartition(p.topic, p.partition) for p in self._consumer.assignment()]
        return {p.partition: p.offset for p in self._consumer.position(assigned)}


def start_offsets(settings: KafkaSettings, topic: str, start: Start) -> dict[int, int]:
    """The offset to begin at in each partition: a number, so that an empty rest is seen as one."""
    if isinstance(start, datetime):
        return offsets_at(settings, topic, start)
    marks = counts(settings, topic)
    if isinstance(start, Mapping):
        return {n: start.get(n, first) for n, (first, _) in marks.items()}
    if isinstance(start, int):
        return {n: max(first, end - start) for n, (first, end) in marks.items()}
    return {n: marks[n][1 if start == "end" else 0] for n in marks}


def records_of(messages: Iterable[Message], topic: str) -> list[KafkaRecord]:
    """The client's messages as records; BrokerError when one says that the topic cannot be read."""
    records = []
    for message in messages:
        fault = message.error()
        if fault is None:
            records.append(_record(message))
        elif not fault.retriable():
            raise BrokerError(f"cannot read {topic}: {fault.name()}; check the broker")
    return records


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
        headers={name: value or b"" for name, value in _headers(message)},
        raw_headers=_headers(message),
    )


def _headers(message: Message) -> Headers:
    pairs: Iterable[tuple[str, bytes | None]] = message.headers() or ()  # type: ignore[assignment] # typed as if it could be a string
    return tuple(pairs)
