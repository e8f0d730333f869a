"""Notes in, codings out: the one function that the worker, the command line and tests call."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from clinical_coding.arrays import Features, Probabilities
from clinical_coding.claim import Band, Coding, Diagnosis, DroppedCode, Profile
from clinical_coding.code_set import CodeSet, code_set_for
from clinical_coding.features import feature_matrix
from clinical_coding.note import IcdCode, Note
from clinical_coding.proposing import (
    CandidateSources,
    Proposal,
    SentenceEncoder,
    propose_batch,
)
from clinical_coding.selection import Standing, select
from clinical_coding.sequencing import FIRST_LISTED, PRINCIPAL, can_be_first, on_claim
from clinical_coding.term_table import TermTable
from clinical_coding.titles import TitleVectors

__all__ = ["EngineParts", "Ranker", "SentenceEncoder", "Thresholds", "code_batch"]

NOT_IN_FORCE = "code-set-not-in-force"  # warning: no release is loaded for the date of service
RETIRED, IN_FORCE_RULE = "no code on the date of service", "code set in force"


class Ranker(Protocol):
    """Says how likely it is that a coder would report a candidate."""

    def score(self, features: Features) -> Probabilities:
        """One calibrated probability, 0..1, for each row; no rows give an empty array."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Bars of the bands: from ``submit`` up zero-touch, from ``review`` up to the worklist."""

    submit: float
    review: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineParts:
    """Everything the engine needs, made once a process.

    ``code_set`` is the release that terms and ranker were made with, ``other_releases`` are further
    ones; each note is coded with that of its date of service.
    """

    code_set: CodeSet
    terms: TermTable
    encoder: SentenceEncoder
    titles: TitleVectors
    ranker: Ranker
    thresholds: Thresholds
    other_releases: tuple[CandidateSources, ...] = ()

    @property
    def sources(self) -> CandidateSources:
        """The parts that propose candidates, of the release that the terms were made with."""
        return CandidateSources(
            code_set=self.code_set, terms=self.terms, encoder=self.encoder, titles=self.titles
        )

    def code_set_on(self, day: date) -> CodeSet:
        """The release that codes a visit on that day: the terms' own where none is in force."""
        releases = (self.code_set, *(other.code_set for other in self.other_releases))
        return code_set_for(day, releases) or self.code_set


def code_batch(notes: Sequence[Note], parts: EngineParts, profile: Profile) -> tuple[Coding, ...]:
    """One coding a note, in order; a note's coding does not depend on the others in the batch.

    A note without words gives no diagnoses. A date of service outside every loaded release gives
    a coding with the warning NOT_IN_FORCE: its codes may not be valid for that day. A code that the
    release in force no longer has is dropped as RETIRED.
    """
    releases = [parts.code_set_on(note.date_of_service) for note in notes]
    codings: dict[int, Coding] = {}
    for sources in (parts.sources, *parts.other_releases):
        places = [at for at, release in enumerate(releases) if release is sources.code_set]
        proposals = propose_batch([notes[at] for at in places], sources) if places else ()
        for at, proposal in zip(places, proposals, strict=True):
            codings[at] = _coding(proposal, sources, parts, profile)
    return tuple(codings[at] for at in range(len(notes)))


def _coding(
    proposal: Proposal, sources: CandidateSources, parts: EngineParts, profile: Profile
) -> Coding:
    note = proposal.note
    probabilities = parts.ranker.score(feature_matrix(proposal, sources)).tolist()
    ranked = list(zip(proposal.candidates, probabilities, strict=True))
    selection = select(ranked, note, profile, parts.thresholds.review)
    standing, dropped = selection.standing, selection.dropped
    if profile is Profile.CLAIM:
        standing, too_many = on_claim(standing, note)
        dropped = (*too_many, *dropped)
    in_force = sources.code_set.is_in_force(note.date_of_service)
    return Coding(
        profile=profile,
        code_set=sources.code_set.version,
        diagnoses=tuple(_diagnoses(standing, note, sources.code_set, parts.thresholds, profile)),
        dropped=(*dropped, *map(_retired, proposal.retired)),
        warnings=(*(() if in_force else (NOT_IN_FORCE,)), *proposal.warnings),
    )


def _retired(code: IcdCode) -> DroppedCode:
    return DroppedCode(code=code, probability=0.0, reason=RETIRED, rule=IN_FORCE_RULE)


def _diagnoses(
    standing: Sequence[Standing],
    note: Note,
    code_set: CodeSet,
    thresholds: Thresholds,
    profile: Profile,
) -> Iterator[Diagnosis]:
    first_rule = PRINCIPAL if note.is_inpatient else FIRST_LISTED
    for rank, one in enumerate(standing, start=1):
        first = profile is Profile.CLAIM and rank == 1 and can_be_first(one.code)
        submit = one.probability >= thresholds.submit
        yield Diagnosis(
            code=one.code,
            description=code_set.title(one.code),
            rank=rank,
            probability=one.probability,
            band=Band.SUBMIT if submit else Band.REVIEW,
            first_listed=first,
            hcc=code_set.hcc(one.code),
            evidence=one.evidence,
            rules=(*one.rules, first_rule) if first else one.rules,
        )
