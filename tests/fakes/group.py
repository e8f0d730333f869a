"""What a broker would say of a group's places, as the test sets it."""

from collections.abc import Collection
from dataclasses import dataclass, field

from clinical_coding.errors import BrokerError
from runtime.kafka_group import Place


@dataclass(slots=True)
class FakePlaces:
    """Meets streams.watchdog.Places: committed and end offset by partition."""

    places: dict[int, tuple[int, int]] = field(default_factory=dict)
    is_away: bool = False

    def look(self, partitions: Collection[int]) -> dict[int, Place]:
        """What was set. Raises BrokerError while the broker is away."""
        if self.is_away:
            raise BrokerError("expected a broker; got none; start it")
        wanted = {n: self.places[n] for n in partitions}
        return {n: Place(committed=at, end=end) for n, (at, end) in wanted.items()}
