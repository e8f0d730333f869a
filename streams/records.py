"""Records as they come from and go to the broker: bytes and headers, no framework."""

from dataclasses import dataclass, field
from datetime import datetime

from runtime.kafka import Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One record of the note topic, untouched; ``timestamp`` is Kafka's, UTC."""

    topic: str
    partition: int
    offset: int
    timestamp: datetime
    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)
    headers: Headers = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One record to be sent: a claim or a dead letter."""

    topic: str
    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)
    headers: Headers = field(repr=False)


def present(headers: Headers) -> dict[str, bytes]:
    """The headers that have a value, each once; of two with one name the later counts."""
    return {name: value for name, value in headers if value is not None}
