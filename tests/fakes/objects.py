"""Objects that a process stops making at some step."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from consumers.lake_objects import FolderObjects


class KilledError(BaseException):
    """What no code of ours catches."""


@dataclass(slots=True)
class KilledObjects:
    """A folder's; the process dies before the step after so many that change something.

    Each removal of one object is a step: a store that removes many may stop between any two.
    """

    real: FolderObjects
    steps: int

    def names(self, under: str) -> list[str]:
        """Meets Objects."""
        return self.real.names(under)

    def read(self, name: str) -> bytes | None:
        """Meets Objects."""
        return self.real.read(name)

    def create(self, name: str, content: bytes | Path) -> bool:
        """Meets Objects."""
        self._step()
        return self.real.create(name, content)

    def delete(self, names: Sequence[str]) -> None:
        """Meets Objects."""
        for name in names:
            self._step()
            self.real.delete([name])

    def _step(self) -> None:
        if not self.steps:
            raise KilledError
        self.steps -= 1
