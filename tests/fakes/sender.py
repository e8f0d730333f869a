"""A sender that keeps what it is given and acknowledges it when flushed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from clinical_coding.errors import BrokerError


@dataclass(slots=True)
class FakeSender:
    """Meets producers.publish.Sender; ``refuse_after`` records are taken, later ones are lost."""

    refuse_after: int | None = None
    acked: int = 0
    waiting: int = 0
    sent: list[tuple[str, str, bytes, dict[str, bytes]]] = field(default_factory=list)

    def send(self, topic: str, key: str, value: bytes, headers: Mapping[str, bytes]) -> None:
        """Keep the record; it waits for a flush."""
        self.sent.append((topic, key, value, dict(headers)))
        self.waiting += 1

    def flush(self, timeout_s: float) -> None:  # noqa: ARG002 - nothing to wait for
        """Acknowledge what waits; BrokerError when some of it is refused."""
        limit = len(self.sent) if self.refuse_after is None else self.refuse_after
        self.acked = min(len(self.sent), limit)
        self.waiting = 0
        if self.acked < len(self.sent):
            raise BrokerError(f"{len(self.sent) - self.acked} not acknowledged")
