"""An audit log in memory."""

from dataclasses import dataclass, field

from clinical_coding.errors import StorageError
from runtime.audit import Action


@dataclass(slots=True)
class FakeLog:
    """Meets ui.reveals.Log: keeps what is recorded, or is full."""

    is_full: bool = False
    recorded: list[tuple[Action, str, tuple[str, ...]]] = field(default_factory=list)

    def record(self, action: Action, what: str, ids: tuple[str, ...]) -> None:
        """Keep it; StorageError where the log is full."""
        if self.is_full:
            raise StorageError("full")
        self.recorded.append((action, what, ids))
