"""How far a consumer group has come, asked by a client of its own that never joins it.

Only by what a consumer may ask: librdkafka 2.16 aborts the whole process when a connection breaks
under one of the administrator's questions to a group's coordinator (librdkafka issue 4605).
"""

from collections.abc import Collection
from dataclasses import dataclass

from confluent_kafka import KafkaException, TopicPartition

from clinical_coding.errors import BrokerError
from runtime.kafka_connection import consumer, name
from runtime.settings import KafkaSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One partition: the next offset that the group would read, and the next that will be written."""

    committed: int
    end: int

    @property
    def lag(self) -> int:
        """Records between the two."""
        return max(0, self.end - self.committed)


class GroupPlaces:
    """The places of one group on one topic."""

    def __init__(
        self, settings: KafkaSettings, *, group: str, topic: str, timeout_s: float
    ) -> None:
        self._consumer = consumer(settings, {"group.id": group, "enable.auto.commit": False})
        self._topic = topic
        self._timeout_s = timeout_s

    def look(self, partitions: Collection[int]) -> dict[int, Place]:
        """The place of each; asks the broker even for none. BrokerError when it does not answer."""
        wanted = [TopicPartition(self._topic, n) for n in sorted(partitions)]
        client = self._consumer.client
        try:
            client.list_topics(self._topic, timeout=self._timeout_s)
            reached = client.committed(wanted, timeout=self._timeout_s) if wanted else []
            marks = [client.get_watermark_offsets(p, self._timeout_s) for p in wanted]
        except KafkaException as error:
            client.poll(0)  # lets the callback speak
            reason = self._consumer.complaints.reason or name(error)
            raise BrokerError(
                f"cannot ask how far the group is in {self._topic}: {reason}; check the broker and "
                "that this user may describe group and topic"
            ) from None
        return {
            p.partition: Place(committed=max(p.offset, first), end=end)  # negative: none committed
            for p, (first, end) in zip(reached, marks, strict=True)
        }
