"""Reading a topic as a member of a consumer group: what was processed is committed, nothing else."""

from collections.abc import Mapping, Sequence

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from runtime.kafka import KafkaRecord, Start, records_of, start_offsets
from runtime.kafka_connection import Config, consumer, translated
from runtime.kafka_topics import MAX_RECORD_BYTES, counts
from runtime.settings import KafkaSettings

COMMIT_EVERY_MS = 1000
LONGEST_STEP_MS = 15 * 60 * 1000  # a member that asks for nothing for so long loses its partitions


class GroupMember:
    """A topic's records, shared with the other members of a group.

    The group goes on where it was; ``start`` says where it begins in a partition that it has never
    read, and that place is committed at once. A record is committed within a second after
    ``processed`` was told of it, and at the end.
    """

    def __init__(self, settings: KafkaSettings, topic: str, group: str, start: Start) -> None:
        options: Config = {
            "group.id": group,
            "enable.auto.commit": True,  # of what was stored, by us
            "enable.auto.offset.store": False,
            "auto.commit.interval.ms": COMMIT_EVERY_MS,
            "max.poll.interval.ms": LONGEST_STEP_MS,
            "fetch.message.max.bytes": MAX_RECORD_BYTES,
            "auto.offset.reset": "earliest",
        }
        self._settings = settings
        self._topic = topic
        self._starts = start_offsets(settings, topic, start)
        self._begin: dict[int, int] = {}
        self._consumer = consumer(settings, options).client
        with translated("join a group of topic", topic):
            self._consumer.subscribe([topic], on_assign=self._assign)

    def poll(self, limit: int, timeout_s: float) -> list[KafkaRecord]:
        """Up to ``limit`` records that have come; none when the time is over."""
        with translated("read topic", self._topic):
            return records_of(self._consumer.consume(limit, timeout_s), self._topic)

    def processed(self, record: KafkaRecord) -> None:
        """The group need not see this record again, nor those before it in its partition."""
        place = TopicPartition(record.topic, record.partition, record.offset + 1)
        try:
            self._consumer.store_offsets(offsets=[place])
        except KafkaException as error:
            if error.args[0].code() != KafkaError._STATE:  # noqa: SLF001 - librdkafka's own codes begin so
                raise
            # The partition went to another member meanwhile, which is given the record again.

    def ends(self) -> dict[int, int]:
        """The next offset of each partition that holds something."""
        marks = counts(self._settings, self._topic)
        return {n: end for n, (first, end) in marks.items() if end > first}

    def is_short_of(self, ends: Mapping[int, int]) -> bool:
        """Whether this member's partitions hold something before these ends; true before it has any."""
        assigned = self._consumer.assignment()
        places = {p.partition: p.offset for p in self._consumer.position(assigned)}
        reached = {n: max(at, self._begin.get(n, 0)) for n, at in places.items()}
        return not assigned or any(at < ends.get(n, 0) for n, at in reached.items())

    def close(self) -> None:
        """Commit what was processed and leave the group."""
        self._consumer.close()

    def _assign(self, client: Consumer, partitions: Sequence[TopicPartition]) -> None:
        known = client.committed(list(partitions), self._settings.request_timeout_s)
        new = [
            TopicPartition(p.topic, p.partition, self._starts.get(p.partition, 0))
            for p in known
            if p.offset < 0
        ]
        if new:  # else a later start would begin elsewhere, and what came meanwhile would be lost
            client.commit(offsets=new, asynchronous=False)
        placed = [*new, *(p for p in known if p.offset >= 0)]
        self._begin = {p.partition: p.offset for p in placed}
        client.assign(placed)
