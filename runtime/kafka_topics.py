"""Topics and groups, asked and administered through librdkafka: names, limits, offsets, lag."""

import time
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime

from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import ConfigResource  # type: ignore[attr-defined] # it is there
from confluent_kafka.cimpl import NewTopic

from clinical_coding.errors import BrokerError
from runtime.kafka_connection import admin, consumer, name, translated
from runtime.settings import KafkaSettings

MAX_RECORD_BYTES = 4 * 1024 * 1024  # a note of 1 million characters fits; larger is refused
ENVELOPE_BYTES = 64 * 1024  # key and headers beside the value: those of a dead letter among them

LEADERLESS = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE)  # just created
ASK_AGAIN_S = 0.1


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


def delete_topic(settings: KafkaSettings, topic: str) -> None:
    """Delete a topic and what it holds; one that is not there is no error.

    Raises BrokerError when the broker refuses or does not answer.
    """
    connection = admin(settings)
    connection.metadata()
    answers = connection.client.delete_topics([topic], request_timeout=settings.request_timeout_s)
    try:
        answers[topic].result()
    except KafkaException as error:
        if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise BrokerError(f"cannot delete topic {topic}: {name(error)}") from None


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
    client, limit_s = connection.client, settings.request_timeout_s
    with closing(client), translated("ask for topic", topic):
        numbers = connection.partitions(topic)
        return {n: _marks(client, TopicPartition(topic, n), limit_s) for n in numbers}


def _marks(client: Consumer, partition: TopicPartition, limit_s: float) -> tuple[int, int]:
    """The partition's first and next offset; one whose leader is being chosen is asked again."""
    until = time.monotonic() + limit_s
    while True:
        try:
            found: tuple[int, int] = client.get_watermark_offsets(partition, limit_s)
        except KafkaException as error:
            if error.args[0].code() not in LEADERLESS or time.monotonic() > until:
                raise
            time.sleep(ASK_AGAIN_S)
        else:
            return found


def offsets_at(settings: KafkaSettings, topic: str, moment: datetime) -> dict[int, int]:
    """Of each partition the offset of its first record at or after a moment, by Kafka's timestamps.

    Where there is none, the offset that the next record will have; empty when there is no such topic.
    """
    marks = counts(settings, topic)
    at_ms = int(moment.timestamp() * 1000)
    wanted = [TopicPartition(topic, n, at_ms) for n in marks]
    client = consumer(settings, {}).client
    with closing(client), translated("ask for topic", topic):
        found = client.offsets_for_times(wanted, settings.request_timeout_s) if wanted else []
    return {p.partition: p.offset if p.offset >= 0 else marks[p.partition][1] for p in found}


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
