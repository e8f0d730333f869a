"""What a broker would say of a group's member, as the test sets it."""

from dataclasses import dataclass

from clinical_coding.errors import BrokerError
from runtime.kafka_group import Place, Standing


@dataclass(slots=True, kw_only=True)
class FakeMember:
    """Meets streams.watchdog.Member: committed and end offset by partition, None for no member."""

    places: dict[int, tuple[int, int]] | None = None
    is_away: bool = False

    def look(self) -> Standing:
        """What was set. Raises BrokerError while the broker is away."""
        if self.is_away:
            raise BrokerError("expected a broker; got none; start it")
        if self.places is None:
            return Standing(places=None)
        return Standing(
            places={n: Place(committed=at, end=end) for n, (at, end) in self.places.items()}
        )
