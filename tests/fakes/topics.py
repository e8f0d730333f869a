"""Topics that need no broker: records in a dictionary, and a connection that can break."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from clinical_coding.errors import BrokerError
from runtime.kafka import KafkaRecord


@dataclass(slots=True, kw_only=True)
class FakeTopic:
    """Values by partition; ``breaks`` makes the next polls fail, one for each True."""

    partitions: dict[int, list[bytes]]
    history: int = 1000
    breaks: list[bool] = field(default_factory=list)
    opened_at: list[Mapping[int, int] | None] = field(default_factory=list)
    timeouts_s: list[float] = field(default_factory=list)  # of every poll

    def open_at(self, places: Mapping[int, int] | None) -> "FakeReader":
        """A reader at these offsets, or ``history`` records before the end of each partition."""
        self.opened_at.append(places)
        begin = {n: max(0, len(values) - self.history) for n, values in self.partitions.items()}
        if places is not None:
            begin = {n: places.get(n, 0) for n in self.partitions}
        return FakeReader(topic=self, begin=begin, place=dict(begin))


@dataclass(slots=True, kw_only=True)
class FakeReader:
    """Meets ui.following.Reader; gives one record of each partition at a poll."""

    topic: FakeTopic
    begin: Mapping[int, int]
    place: dict[int, int]
    is_closed: bool = False

    def poll(self, limit: int, timeout_s: float) -> list[KafkaRecord]:
        """The next record of each partition."""
        self.topic.timeouts_s.append(timeout_s)
        if self.topic.breaks and self.topic.breaks.pop(0):
            raise BrokerError("expected a broker; got none; start it")
        found = [
            _record(n, self.place[n], values[self.place[n]])
            for n, values in self.topic.partitions.items()
            if self.place[n] < len(values)
        ][:limit]
        for record in found:
            self.place[record.partition] += 1
        return found

    def close(self) -> None:
        """Leave."""
        self.is_closed = True


def _record(partition: int, offset: int, value: bytes) -> KafkaRecord:
    return KafkaRecord(
        topic="topic",
        partition=partition,
        offset=offset,
        timestamp=datetime(2026, 3, 2, tzinfo=UTC),
        key=None,
        value=value,
        headers={},
    )
