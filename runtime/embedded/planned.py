"""An embedded service as it is to run: a command, an address, and a way to ask whether it works."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One service as it is to run; ``is_healthy`` asks it, never longer than two seconds."""

    name: str
    address: str
    command: tuple[str, ...]
    is_healthy: Callable[[], bool]
