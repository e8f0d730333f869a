"""What the worker asks of an engine, and the shipped engine in that form."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from clinical_coding.claim import Coding, Profile
from clinical_coding.engine import EngineParts, code_batch
from clinical_coding.note import Note
from runtime.model_bundle import ModelBundle


class NoteCoder(Protocol):
    """Codes notes; model and encoder are named in every claim it makes, as is the code set."""

    @property
    def model_version(self) -> str:
        """Version and checksum of the model bundle."""

    @property
    def encoder_name(self) -> str:
        """Name and weight hash of the sentence encoder."""

    def code_set_on(self, day: date) -> str:
        """The ICD-10-CM release that codes a visit on that day."""

    def code(self, notes: Sequence[Note], profile: Profile) -> Sequence[Coding]:
        """One coding a note, in order; the same note gives the same coding in any batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineCoder:
    """The engine of ``clinical_coding`` with the parts of a model bundle."""

    model_version: str
    encoder_name: str
    parts: EngineParts = field(repr=False)

    def code_set_on(self, day: date) -> str:
        """Meets NoteCoder."""
        return self.parts.code_set_on(day).version

    def code(self, notes: Sequence[Note], profile: Profile) -> Sequence[Coding]:
        """Meets NoteCoder."""
        return code_batch(notes, self.parts, profile)


def engine_coder(bundle: ModelBundle) -> EngineCoder:
    """The coder that a loaded bundle makes."""
    return EngineCoder(
        model_version=bundle.model_version,
        encoder_name=bundle.encoder_name,
        parts=bundle.parts,
    )
