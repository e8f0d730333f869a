"""A worker with the real engine around which everything fails that can, quoting the note.

``python -m tests.fakes.quoting_worker``: a note that says "poison" raises with its text, one that
says "bug" gets what is no coding and so ends the worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from typing_extensions import override

from clinical_coding.claim import Coding, Profile
from clinical_coding.note import Note
from runtime import logs
from runtime.exit_status import exit_with
from runtime.model_bundle import load_bundle
from runtime.progress import silent
from runtime.settings import FolderSettings, ModelSettings, read
from streams.__main__ import work
from streams.note_coder import EngineCoder, engine_coder


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotingCoder(EngineCoder):
    """The engine, unless a note asks for worse."""

    @override
    def code(self, notes: Sequence[Note], profile: Profile) -> Sequence[Coding]:
        for note in notes:
            if "poison" in note.text:
                raise ValueError(f"cannot code {note.text}")
            if "bug" in note.text:
                return [cast("Coding", note.text) for note in notes]
        return EngineCoder.code(self, notes, profile)


def main() -> None:
    """Run until told to stop."""
    logs.configure("worker")
    engine = engine_coder(load_bundle(read(ModelSettings), read(FolderSettings), silent))
    work(
        QuotingCoder(
            model_version=engine.model_version,
            encoder_name=engine.encoder_name,
            parts=engine.parts,
        )
    )


if __name__ == "__main__":
    exit_with(main)
