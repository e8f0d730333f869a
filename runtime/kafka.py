"""Kafka through librdkafka: producing with counted acknowledgements, reading, topics, lag."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    TIMESTAMP_NOT_AVAILABLE,
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import (  # type: ignore[attr-defined] # one is re-exported silently
    AdminClient,
    ConfigResource,
)
from confluent_kafka.cimpl import NewTopic

from clinical_coding.errors import BrokerError
from runtime.settings import KafkaSettings

REQUEST_TIMEOUT_S = 10.0
MAX_RECORD_BYTES = 4 * 1024 * 1024  # a note of 1 million characters fits; larger is refused


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


def client_config(settings: KafkaSettings) -> dict[str, str | int | float | bool]:
    """Librdkafka's connection settings; TLS and SASL as given."""
    given = {
        "bootstrap.servers": settings.bootstrap_servers,
        "security.protocol": settings.security_protocol,
        "ssl.ca.location": settings.ssl_ca_location,
        "ssl.certificate.location": settings.ssl_certificate_location,
        "ssl.key.location": settings.ssl_key_location,
        "ssl.key.password": settings.ssl_key_password
        and settings.ssl_key_password.get_secret_value(),
    }
    if settings.security_protocol.startswith("SASL"):
        given |= {
            "sasl.mechanism": settings.sasl_mechanism,
            "sasl.username": settings.sasl_username,
            "sasl.password": settings.sasl_password and settings.sasl_password.get_secret_value(),
        }
    return {name: str(value) for name, value in given.items() if value is not None}


class KafkaSender:
    """An idempotent producer that counts every acknowledgement.

    A record is safe once ``acked`` counted it: all in-sync replicas hold it. ``close`` waits for
    the rest and raises BrokerError if one was not taken.
    """

    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._reason = ""
        self.acked = 0
        self.failed = 0
        self._producer = Producer(
            client_config(settings)
            | {
                "client.id": client_id,
                "enable.idempotence": True,
                "acks": "all",
                "linger.ms": 5,
                "compression.type": "lz4",
                "message.max.bytes": MAX_RECORD_BYTES,
                "delivery.timeout.ms": 60_000,
                "error_cb": self._keep_reason,
                "log_level": 0,
            }
        )

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
                    f"{_name(error)}; the limit is {MAX_RECORD_BYTES} bytes"
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
            self._reason = self._reason or error.name()

    def _keep_reason(self, error: KafkaError) -> None:
        # A wrong password or CA shows to the delivery report only as a time-out.
        self._reason = f"{error.name()}: {error.str()}"

    def _undelivered(self, left: int = 0) -> BrokerError:
        return BrokerError(
            f"expected every record acknowledged; got {self.acked} acknowledged, "
            f"{self.failed} failed, {left} waiting ({self._reason or 'no reason given'}); "
            "check the broker and publish the rest again"
        )


class TopicReader:
    """Reads a topic's partitions outside any group: it never commits and never shares.

    ``start`` is "beginning", "end", a moment: the first record at or after it, or a number: so many
    records before the end of each partition.
    """

    def __init__(self, settings: KafkaSettings, topic: str, start: str | datetime | int) -> None:
        self._consumer = Consumer(
            client_config(settings)
            | {
                "group.id": "codemychart-reader",  # required by the client; never joined
                "enable.auto.commit": False,
                "enable.partition.eof": False,
                "fetch.message.max.bytes": MAX_RECORD_BYTES,
                "auto.offset.reset": "earliest",
                "log_level": 0,
            }
        )
        self._topic = topic
        with _translated("read", topic):
            self._consumer.assign(self._starts(start))

    def poll(self, limit: int, timeout_s: float) -> list[KafkaRecord]:
        """Up to ``limit`` records that have come; none when the time is over."""
        with _translated("read", self._topic):
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
        ends = {p: self._watermarks(p)[1] for p in _partitions(self._consumer, self._topic)}
        place = {p.partition: p.offset for p in self._consumer.position(self._assigned())}
        open_ = {p for p, end in ends.items() if end > max(place.get(p, 0), self._watermarks(p)[0])}
        deadline = time.monotonic() + timeout_s
        while open_:
            records = self.poll(1000, 0.5)
            for record in records:
                if record.offset < ends[record.partition]:
                    yield record
            now = {p.partition: p.offset for p in self._consumer.position(self._assigned())}
            open_ = {p for p in open_ if now[p] < ends[p]}
            if records:
                deadline = time.monotonic() + timeout_s
            elif time.monotonic() > deadline:
                raise BrokerError(f"{self._topic} gave no record for {timeout_s:.0f} s; check it")

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()

    def _assigned(self) -> list[TopicPartition]:
        return [TopicPartition(p.topic, p.partition) for p in self._consumer.assignment()]

    def _watermarks(self, partition: int) -> tuple[int, int]:
        with _translated("read", self._topic):
            low, high = self._consumer.get_watermark_offsets(
                TopicPartition(self._topic, partition), REQUEST_TIMEOUT_S
            )
        return low, high

    def _starts(self, start: str | datetime | int) -> list[TopicPartition]:
        numbers = _partitions(self._consumer, self._topic)
        if isinstance(start, int):
            marks = {n: self._watermarks(n) for n in numbers}
            return [
                TopicPartition(self._topic, n, max(m[0], m[1] - start)) for n, m in marks.items()
            ]
        if isinstance(start, datetime):
            at = int(start.timestamp() * 1000)
            wanted = [TopicPartition(self._topic, n, at) for n in numbers]
            return list(self._consumer.offsets_for_times(wanted, REQUEST_TIMEOUT_S))
        place = OFFSET_END if start == "end" else OFFSET_BEGINNING
        return [TopicPartition(self._topic, n, place) for n in numbers]


def create_topics(settings: KafkaSettings, names: Iterable[str]) -> tuple[str, ...]:
    """Create the topics that do not exist yet; returns their names.

    Raises BrokerError when the broker refuses or does not answer.
    """
    wanted = [
        NewTopic(
            name,
            num_partitions=settings.partitions,
            replication_factor=settings.replication_factor,
            config={"max.message.bytes": str(MAX_RECORD_BYTES)},
        )
        for name in names
    ]
    created = []
    admin = _admin(settings)  # kept: collected before its answers have come, it fails them all
    answers = admin.create_topics(wanted, request_timeout=REQUEST_TIMEOUT_S)
    for name, answer in answers.items():
        try:
            answer.result()
            created.append(name)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise BrokerError(f"cannot create topic {name}: {_name(error)}") from None
    return tuple(created)


def record_limit(settings: KafkaSettings, topic: str) -> int:
    """The bytes that the broker takes into the topic at once, at most MAX_RECORD_BYTES.

    MAX_RECORD_BYTES, too, where the broker does not tell, for instance for want of a permission.
    """
    admin, asked = _admin(settings), ConfigResource(ConfigResource.Type.TOPIC, topic)
    try:
        answer = admin.describe_configs([asked], request_timeout=REQUEST_TIMEOUT_S)[asked].result()
    except KafkaException:
        return MAX_RECORD_BYTES
    return min(MAX_RECORD_BYTES, int(answer["max.message.bytes"].value))


def ask(settings: KafkaSettings, timeout_s: float = REQUEST_TIMEOUT_S) -> tuple[str, ...]:
    """The names of the broker's topics. Raises BrokerError when it does not answer in time."""
    with _translated("ask for", "names"):
        return tuple(sorted(_admin(settings).list_topics(timeout=timeout_s).topics))


def counts(settings: KafkaSettings, topic: str) -> dict[int, tuple[int, int]]:
    """First and next offset of each partition; empty when there is no such topic."""
    consumer = Consumer(
        client_config(settings) | {"group.id": "codemychart-reader", "log_level": 0}
    )
    try:
        with _translated("ask", topic):
            return {
                n: consumer.get_watermark_offsets(TopicPartition(topic, n), REQUEST_TIMEOUT_S)
                for n in _partitions(consumer, topic)
            }
    finally:
        consumer.close()


def committed(settings: KafkaSettings, group: str, topic: str) -> dict[int, int]:
    """The next offset that the group would read in each partition; the first where it has none."""
    ends = counts(settings, topic)
    asked = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, n) for n in ends])
    if not ends:
        return {}
    admin = _admin(settings)  # kept: collected before its answers have come, it fails them all
    try:
        answer = admin.list_consumer_group_offsets([asked], request_timeout=REQUEST_TIMEOUT_S)
        places = answer[group].result().topic_partitions
    except KafkaException as error:
        raise BrokerError(f"cannot ask for the offsets of {group}: {_name(error)}") from None
    return {p.partition: max(p.offset, ends[p.partition][0]) for p in places}


def lag(settings: KafkaSettings, group: str, topic: str) -> dict[int, int]:
    """How many records the group is behind in each partition."""
    reached = committed(settings, group, topic)
    return {n: end - reached.get(n, first) for n, (first, end) in counts(settings, topic).items()}


def _admin(settings: KafkaSettings) -> AdminClient:
    return AdminClient(client_config(settings) | {"log_level": 0})


def _partitions(consumer: Consumer, topic: str) -> list[int]:
    with _translated("ask", topic):
        found = consumer.list_topics(topic, REQUEST_TIMEOUT_S).topics[topic]
    if found.error is not None and found.error.code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
        raise BrokerError(f"cannot ask for topic {topic}: {found.error.name()}")
    return sorted(found.partitions)


def _record(message: Message) -> KafkaRecord:
    kind, millis = message.timestamp()
    return KafkaRecord(
        topic=message.topic() or "",
        partition=message.partition() or 0,
        offset=message.offset() or 0,
        timestamp=datetime.fromtimestamp(
            0 if kind == TIMESTAMP_NOT_AVAILABLE else millis / 1000, tz=UTC
        ),
        key=message.key(),
        value=message.value(),
        headers=_headers(message),
    )


def _headers(message: Message) -> dict[str, bytes]:
    pairs: Iterable[tuple[str, bytes | None]] = message.headers() or ()  # type: ignore[assignment] # typed as if it could be a string
    return {name: value or b"" for name, value in pairs}


@contextmanager
def _translated(verb: str, topic: str) -> Iterator[None]:
    try:
        yield
    except KafkaException as error:
        raise BrokerError(
            f"cannot {verb} topic {topic}: {_name(error)}; check CMC_KAFKA_BOOTSTRAP_SERVERS and "
            "that the broker is up"
        ) from None


def _name(error: KafkaException) -> str:
    fault = error.args[0]
    return f"{fault.name()} ({fault.str()})" if isinstance(fault, KafkaError) else str(fault)
