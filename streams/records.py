"""Records as they come from and go to the broker: bytes and headers, no framework."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Headers = Mapping[str, bytes]


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
