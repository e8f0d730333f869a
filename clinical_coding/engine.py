"""Notes in, codings out: the one function that the worker, the command line and tests call."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np

from clinical_coding.arrays import Contributions, Features, Probabilities
from clinical_coding.candidates import Candidate
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

__all__ = [
    "EngineParts",
    "Judged",
    "Ranker",
    "Ranking",
    "SentenceEncoder",
    "Thresholds",
    "code_batch",
    "judge_batch",
    "question_about",
]

NOT_IN_FORCE = "code-set-not-in-force"  # warning: no release is loaded for the date of service
RETIRED, IN_FORCE_RULE = "no code on the date of service", "code set in force"


class Ranker(Protocol):
    """Says how likely it is that a coder would report a candidate."""

    def score(self, features: Features) -> Probabilities:
        """One calibrated probability, 0..1, for each row; no rows give an empty array.

        A row's probability depends on that row alone.
        """

    def contributions(self, features: Features) -> Contributions:
        """What each feature adds to each row's log odds before calibration, at last what all share.

        They sum to the log odds of the raw score (SHAP of a tree ensemble; Lundberg et al., 2020).
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
    rankings: Mapping[Profile, Ranking]  # a profile without one has that of claims
    other_releases: tuple[CandidateSources, ...] = ()

    @property
    def code_set(self) -> CodeSet:
        """The release that the terms were made with."""
        return self.sources.code_set

    def ranking(self, profile: Profile) -> Ranking:
        """How the candidates of a profile are judged."""
        return self.rankings.get(profile, self.rankings[Profile.CLAIM])

    @property
    def releases(self) -> tuple[CandidateSources, ...]:
        """The sources of every loaded release, first that of the terms."""
        return (self.sources, *self.other_releases)

    def sources_on(self, day: date) -> CandidateSources:
        """What codes a visit on that day: the terms' own release where none is in force."""
        chosen = code_set_for(day, (release.code_set for release in self.releases))
        return next((r for r in self.releases if r.code_set is chosen), self.sources)

    def code_set_on(self, day: date) -> CodeSet:
        """The release that codes a visit on that day."""
        return self.sources_on(day).code_set


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A note's coding and every candidate that it was chosen from, each with its probability."""

    coding: Coding
    candidates: tuple[tuple[Candidate, float], ...]


def code_batch(notes: Sequence[Note], parts: EngineParts, profile: Profile) -> tuple[Coding, ...]:
    """One coding a note, in order; a note's coding does not depend on the others in the batch.

    A note without words gives no diagnoses. A date of service outside every loaded release gives
    a coding with the warning NOT_IN_FORCE: its codes may not be valid for that day. A code that the
    release in force no longer has is dropped as RETIRED.
    """
    return tuple(judged.coding for judged in judge_batch(notes, parts, profile))


def judge_batch(notes: Sequence[Note], parts: EngineParts, profile: Profile) -> tuple[Judged, ...]:
    """As ``code_batch``, with the candidates: for whoever asks how a coding came about."""
    releases = [parts.code_set_on(note.date_of_service) for note in notes]
    judged: dict[int, Judged] = {}
    for sources in parts.releases:
        places = [at for at, release in enumerate(releases) if release is sources.code_set]
        proposals = propose_batch([notes[at] for at in places], sources, profile) if places else ()
        scored = _scored(proposals, sources, parts.ranking(profile).ranker)
        for at, proposal, probabilities in zip(places, proposals, scored, strict=True):
            ranked = tuple(zip(proposal.candidates, probabilities, strict=True))
            coding = _coding(proposal, ranked, sources, parts, profile)
            judged[at] = Judged(coding=coding, candidates=ranked)
    return tuple(judged[at] for at in range(len(notes)))


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
    ranked: Sequence[tuple[Candidate, float]],
    sources: CandidateSources,
    parts: EngineParts,
    profile: Profile,
) -> Coding:
    note = proposal.note
    ranking = parts.ranking(profile)
    draft, dropped = under_the_guidelines(ranked, question_about(note, sources, parts, profile))
    in_force = sources.code_set.is_in_force(note.date_of_service)
    return Coding(
        profile=profile,
        code_set=sources.code_set.version,
        diagnoses=tuple(_diagnoses(draft, sources.code_set, ranking.thresholds, profile)),
        dropped=(*dropped, *map(_retired, proposal.retired)),
        warnings=(*(() if in_force else (NOT_IN_FORCE,)), *proposal.warnings),
    )


def question_about(
    note: Note, sources: CandidateSources, parts: EngineParts, profile: Profile
) -> Question:
    """What the rules are asked about a note."""
    review = parts.ranking(profile).thresholds.review
    return Question(note=note, profile=profile, conventions=sources.code_set, review=review)


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
