"""Notes in, codings out: the one function that the worker, the command line and tests call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from clinical_coding.arrays import Features, Probabilities
from clinical_coding.claim import Coding, Profile
from clinical_coding.code_set import CodeSet
from clinical_coding.features import feature_matrix
from clinical_coding.note import Note
from clinical_coding.proposing import (
    CandidateSources,
    Proposal,
    SentenceEncoder,
    propose_batch,
)
from clinical_coding.selecting import Thresholds, select
from clinical_coding.term_table import TermTable
from clinical_coding.titles import TitleVectors

__all__ = ["EngineParts", "Ranker", "SentenceEncoder", "Thresholds", "code_batch"]
NOT_IN_FORCE = "code-set-not-in-force"


class Ranker(Protocol):
    """Says how likely it is that a coder would report a candidate."""

    def score(self, features: Features) -> Probabilities:
        """One calibrated probability, 0..1, for each row; no rows give an empty array."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineParts:
    """Everything the engine needs, made once a process."""

    code_set: CodeSet
    terms: TermTable
    encoder: SentenceEncoder
    titles: TitleVectors
    ranker: Ranker
    thresholds: Thresholds

    @property
    def sources(self) -> CandidateSources:
        """The parts that propose candidates."""
        return CandidateSources(
            code_set=self.code_set, terms=self.terms, encoder=self.encoder, titles=self.titles
        )


def code_batch(notes: Sequence[Note], parts: EngineParts, profile: Profile) -> tuple[Coding, ...]:
    """One coding a note, in order; a note's coding does not depend on the others in the batch.

    A date of service on which the code set is not in force gives the warning
    "code-set-not-in-force": the codes may not be valid for that day.
    """
    return tuple(
        _coding(proposal, parts, profile) for proposal in propose_batch(notes, parts.sources)
    )


def _coding(proposal: Proposal, parts: EngineParts, profile: Profile) -> Coding:
    note, code_set = proposal.note, parts.code_set
    probabilities = parts.ranker.score(feature_matrix(proposal, parts.sources)).tolist()
    scored = list(zip(proposal.candidates, probabilities, strict=True))
    selection = select(note, scored, parts.thresholds, profile, code_set)
    in_force = code_set.is_in_force(note.date_of_service)
    return Coding(
        profile=profile,
        code_set=code_set.version,
        diagnoses=selection.diagnoses,
        dropped=selection.dropped,
        warnings=(*(() if in_force else (NOT_IN_FORCE,)), *proposal.warnings),
    )
