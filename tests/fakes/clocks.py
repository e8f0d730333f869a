"""A clock that moves when told."""

from dataclasses import dataclass


@dataclass(slots=True)
class FakeClock:
    """Seconds since some moment, as time.monotonic gives them."""

    now_s: float = 0.0

    def __call__(self) -> float:
        """The moment."""
        return self.now_s
