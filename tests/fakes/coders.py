"""Coders that need no model: what a note says in its first line decides what becomes of it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clinical_coding.claim import Assertion, Band, Coding, Diagnosis, Evidence, Profile
from clinical_coding.note import IcdCode, Note


class PoisonedModelError(Exception):
    """What FakeCoder raises for a note that says "poison"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeCoder:
    """Gives every note R07.9; raises on a batch in which a note says ``poison``."""

    wait_s: float = 0.0
    poison: str = "poison"
    rules: tuple[str, ...] = ()
    model_version: str = "fake-1"
    encoder_name: str = "none"
    code_set: str = "FY2026-April"

    def code_set_on(self, day: date) -> str:  # noqa: ARG002 - it has one
        """Meets NoteCoder."""
        return self.code_set

    def code(self, notes: Sequence[Note], profile: Profile) -> Sequence[Coding]:
        """Meets NoteCoder."""
        time.sleep(self.wait_s)
        if any(self.poison in note.text for note in notes):
            raise PoisonedModelError("poison")
        return [self._coding(note, profile) for note in notes]

    def _coding(self, note: Note, profile: Profile) -> Coding:
        evidence = Evidence(
            start=0,
            end=len(note.text),
            section="",
            assertion=Assertion.PRESENT,
            match="title",
        )
        diagnosis = Diagnosis(
            code=IcdCode("R07.9"),
            description="Chest pain, unspecified",
            rank=1,
            probability=0.9,
            band=Band.SUBMIT,
            first_listed=True,
            hcc=None,
            evidence=(evidence,),
            rules=self.rules,
        )
        return Coding(profile=profile, code_set=self.code_set, diagnoses=(diagnosis,), dropped=())
