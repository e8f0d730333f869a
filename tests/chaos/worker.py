"""The coding worker with a model that fails where a note's mark says so: ``fake`` or ``real``.

``python -m tests.chaos.worker ENGINE``
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clinical_coding.claim import Coding, Profile
from clinical_coding.note import Note
from runtime import logs
from runtime.exit_status import exit_with
from runtime.model_bundle import load_bundle
from runtime.progress import silent
from runtime.settings import FolderSettings, ModelSettings, read
from streams.__main__ import work
from streams.note_coder import NoteCoder, engine_coder
from tests.chaos.notes import MARKS
from tests.chaos.plan import SLOW_NOTE_S, Mark
from tests.fakes.coders import FakeCoder, PoisonedModelError

BATCH_S = 0.1  # what the fake engine takes for a batch
LASTS_S = {Mark.DELAYS: SLOW_NOTE_S, Mark.HOLDS: 3.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyCoder:
    """Meets NoteCoder: codes as the engine does but for marked notes."""

    engine: NoteCoder

    @property
    def model_version(self) -> str:
        """The engine's."""
        return self.engine.model_version

    @property
    def encoder_name(self) -> str:
        """The engine's."""
        return self.engine.encoder_name

    def code_set_on(self, day: date) -> str:
        """The engine's."""
        return self.engine.code_set_on(day)

    def code(self, notes: Sequence[Note], profile: Profile) -> Sequence[Coding]:
        """Raises on a batch with a note so marked, and waits for each that is marked slow."""
        for note in notes:
            if note.text.endswith(MARKS[Mark.RAISES]):
                raise PoisonedModelError("marked")
            for mark, lasts_s in LASTS_S.items():
                if note.text.endswith(MARKS[mark]):
                    time.sleep(lasts_s)
        return self.engine.code(notes, profile)


def main() -> None:
    """Run the worker until told to stop."""
    logs.configure("worker", strict=True)
    work(FaultyCoder(engine=_engine(sys.argv[1])))


def _engine(name: str) -> NoteCoder:
    if name == "fake":
        return FakeCoder(wait_s=BATCH_S, poison=MARKS[Mark.RAISES])
    return engine_coder(load_bundle(read(ModelSettings), read(FolderSettings), silent))


if __name__ == "__main__":
    exit_with(main)
