"""A consumer group as the broker sees it, asked by a client of its own: members, places, lag."""

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from confluent_kafka import (
    ConsumerGroupState,
    ConsumerGroupTopicPartitions,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined] # it is there

from clinical_coding.errors import BrokerError
from runtime.kafka_connection import admin, name
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one member stands; ``places`` are its own partitions.

    None while it is no member of its group, or the group is still sharing out the partitions.
    """

    places: dict[int, Place] | None


class GroupMember:
    """One member of a group on one topic, known to the broker by its client id."""

    def __init__(
        self, settings: KafkaSettings, *, group: str, topic: str, client_id: str, timeout_s: float
    ) -> None:
        self._admin = admin(settings)
        self._group, self._topic, self._client_id = group, topic, client_id
        self._timeout_s = timeout_s

    def look(self) -> Standing:
        """Four questions to the broker, each answered within ``timeout_s``; BrokerError otherwise."""
        own = self._own_partitions()
        return Standing(places=None if own is None else self._places(own))

    def _own_partitions(self) -> list[TopicPartition] | None:
        client = self._admin.client
        asked = client.describe_consumer_groups([self._group], request_timeout=self._timeout_s)
        group = self._answer(asked[self._group])
        own = [m.assignment for m in group.members if m.client_id == self._client_id]
        if not own or group.state is not ConsumerGroupState.STABLE:
            return None
        return [p for p in own[0].topic_partitions if p.topic == self._topic]

    def _places(self, own: list[TopicPartition]) -> dict[int, Place]:
        if not own:
            return {}
        first = self._offsets(own, OffsetSpec.earliest())  # type: ignore[no-untyped-call]
        end = self._offsets(own, OffsetSpec.latest())  # type: ignore[no-untyped-call]
        return {
            n: Place(committed=max(committed, first[n]), end=end[n])
            for n, committed in self._committed(own).items()
        }

    def _committed(self, own: list[TopicPartition]) -> dict[int, int]:
        """Negative where the group has committed nothing yet."""
        asked = [ConsumerGroupTopicPartitions(self._group, own)]
        client = self._admin.client
        answers = client.list_consumer_group_offsets(asked, request_timeout=self._timeout_s)
        return {p.partition: p.offset for p in self._answer(answers[self._group]).topic_partitions}

    def _offsets(self, own: Iterable[TopicPartition], spec: OffsetSpec) -> dict[int, int]:
        wanted = {TopicPartition(p.topic, p.partition): spec for p in own}
        answers = self._admin.client.list_offsets(wanted, request_timeout=self._timeout_s)
        return {p.partition: self._answer(answer).offset for p, answer in answers.items()}

    def _answer(self, asked: "Future[Any]") -> Any:  # noqa: ANN401 - the client's answers
        try:
            return asked.result()
        except KafkaException as error:
            reason = self._admin.complaints.reason or name(error)
            raise BrokerError(
                f"cannot ask for group {self._group}: {reason}; check the broker and that this user "
                "may describe the group"
            ) from None
