"""A journal of attempts in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from clinical_coding.errors import StorageError
from runtime.attempts import Deaths, RecordPlace


@dataclass(slots=True)
class FakeJournal:
    """Meets streams.crash_loop.Journal; what is in hand when ``die`` is called is what it died on."""

    is_full: bool = False
    in_hand: list[RecordPlace] = field(default_factory=list)
    found: dict[RecordPlace, Deaths] = field(default_factory=dict)

    def deaths(self) -> Mapping[RecordPlace, Deaths]:
        """Meets Journal."""
        return dict(self.found)

    def begin(self, places: Sequence[RecordPlace]) -> None:
        """Meets Journal."""
        if self.is_full:
            raise StorageError("expected space; got none; make some")
        self.in_hand = list(places)

    def withdraw(self) -> None:
        """Meets Journal."""
        self.in_hand = []

    def forget(self, places: Sequence[RecordPlace]) -> None:
        """Meets Journal."""
        self.in_hand = []
        for place in places:
            self.found.pop(place, None)

    def die(self) -> None:
        """The process is gone; another one opens the journal."""
        for place in self.in_hand:
            count = self.found[place].count if place in self.found else 0
            self.found[place] = Deaths(count=count + 1, alone=len(self.in_hand) == 1)
        self.in_hand = []
