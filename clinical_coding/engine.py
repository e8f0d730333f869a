"""Notes in, codings out: the one function that the worker, the command line and tests call."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np

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
from clinical_coding.rules.admission import Question
from clinical_coding.rules.draft import Draft
from clinical_coding.rules.profiles import under_the_guidelines
from clinical_coding.rules.sequencing import can_be_first

__all__ = ["EngineParts", "Ranker", "Ranking", "SentenceEncoder", "Thresholds", "code_batch"]

NOT_IN_FORCE = "code-set-not-in-force"  # warning: no release is loaded for the date of service
RETIRED, IN_FORCE_RULE = "no code on the date of service", "code set in force"


class Ranker(Protocol):
    """Says how likely it is that a coder would report a candidate."""

    def score(self, features: Features) -> Probabilities:
        """One calibrated probability, 0..1, for each row; no rows give an empty array.

        A row's probability depends on that row alone.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Bars of the bands: from ``submit`` up zero-touch, from ``review`` up to the worklist."""

    submit: float
    review: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """How the candidates of one profile are judged."""

    ranker: Ranker
    thresholds: Thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineParts:
    """Everything the engine needs, made once a process.

    ``sources`` are of the release that terms and rankers were made with, ``other_releases`` of
    further ones; each note is coded with that of its date of service.
    """

    sources: CandidateSources
    rankings: Mapping[Profile, Ranking]
    other_releases: tuple[CandidateSources, ...] = ()

    @property
    def code_set(self) -> CodeSet:
        """The release that the terms were made with."""
        return self.sources.code_set

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
        proposals = propose_batch([notes[at] for at in places], sources, profile) if places else ()
        scored = _scored(proposals, sources, parts.rankings[profile].ranker)
        for at, proposal, probabilities in zip(places, proposals, scored, strict=True):
            codings[at] = _coding(proposal, probabilities, sources, parts, profile)
    return tuple(codings[at] for at in range(len(notes)))


def _scored(
    proposals: Sequence[Proposal], sources: CandidateSources, ranker: Ranker
) -> Iterator[list[float]]:
    """The probabilities of each note's candidates; the ranker is called once for all."""
    matrices = [feature_matrix(proposal, sources) for proposal in proposals]
    if matrices:
        ends = np.cumsum([len(matrix) for matrix in matrices])[:-1]
        for probabilities in np.split(ranker.score(np.concatenate(matrices)), ends):
            yield probabilities.tolist()


def _coding(
    proposal: Proposal,
    probabilities: Sequence[float],
    sources: CandidateSources,
    parts: EngineParts,
    profile: Profile,
) -> Coding:
    note = proposal.note
    ranking = parts.rankings[profile]
    ranked = zip(proposal.candidates, probabilities, strict=True)
    question = Question(
        note=note,
        profile=profile,
        conventions=sources.code_set,
        review=ranking.thresholds.review,
    )
    draft, dropped = under_the_guidelines(ranked, question)
    in_force = sources.code_set.is_in_force(note.date_of_service)
    return Coding(
        profile=profile,
        code_set=sources.code_set.version,
        diagnoses=tuple(_diagnoses(draft, sources.code_set, ranking.thresholds, profile)),
        dropped=(*dropped, *map(_retired, proposal.retired)),
        warnings=(*(() if in_force else (NOT_IN_FORCE,)), *proposal.warnings),
    )


def _retired(code: IcdCode) -> DroppedCode:
    return DroppedCode(code=code, probability=0.0, reason=RETIRED, rule=IN_FORCE_RULE)


def _diagnoses(
    draft: Draft, code_set: CodeSet, thresholds: Thresholds, profile: Profile
) -> Iterator[Diagnosis]:
    for rank, one in enumerate(draft.standing, start=1):
        may_be_first = can_be_first(one.code, draft.note, draft.conventions)
        submit = one.probability >= thresholds.submit
        yield Diagnosis(
            code=one.code,
            description=code_set.title(one.code),
            rank=rank,
            probability=one.probability,
            band=Band.SUBMIT if submit else Band.REVIEW,
            first_listed=profile is Profile.CLAIM and rank == 1 and may_be_first,
            hcc=code_set.hcc(one.code),
            evidence=one.evidence,
            rules=one.rules,
        )
