"""Why a code of a release is no candidate of a note: the step at which it was lost."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from clinical_coding.candidates import Candidate, Naming
from clinical_coding.code_set import CodeSet, plain_text
from clinical_coding.note import IcdCode
from clinical_coding.proposing import CandidateSources, Proposal


class LostAt(StrEnum):
    """The step at which a code was lost, in words."""

    RELEASE = "not in the code set in force on the date of service"
    BILLABLE = "cannot be billed: a code below it must say more"
    LEAF = "a phrase leads near it, and the words around chose another code"
    READING = "no phrase or clause of the note leads to it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """A candidate that words of the note, [start, end), led to in the code's place."""

    code: IcdCode
    start: int
    end: int
    words: str = field(repr=False)  # PHI


@dataclass(frozen=True, slots=True, kw_only=True)
class NotProposed:
    """Where the code was lost, and what there is in its place.

    ``leaves`` are the billable codes below it. ``cosine`` says how like its title the best clause
    is, ``title_rank`` from 0 how many titles are liker: the first ``titles_taken`` are candidates.
    Both are None where no clause was compared.
    """

    lost_at: LostAt
    leaves: tuple[IcdCode, ...] = ()
    instead: tuple[Instead, ...] = ()
    cosine: float | None = None
    title_rank: int | None = None
    titles_taken: int = 0


def not_proposed(code: str, proposal: Proposal, sources: CandidateSources) -> NotProposed:
    """Where a code that is none of the candidates was lost."""
    code_set = sources.code_set
    if code not in code_set:
        return NotProposed(lost_at=LostAt.RELEASE)
    instead = tuple(_instead(code, proposal, code_set))
    if not code_set.is_billable(code):
        leaves = code_set.billable_under(code)
        return NotProposed(lost_at=LostAt.BILLABLE, leaves=leaves, instead=instead)
    lost_at = LostAt.LEAF if instead else LostAt.READING
    if not proposal.similarity.clauses:
        return NotProposed(lost_at=lost_at, instead=instead)
    best = proposal.similarity.best
    cosine = best[sources.titles.row(code, code_set.title(code))]
    return NotProposed(
        lost_at=lost_at,
        instead=instead,
        cosine=float(cosine),
        title_rank=int((best > cosine).sum()),
        titles_taken=len(proposal.similarity.top),
    )


def _instead(code: str, proposal: Proposal, code_set: CodeSet) -> Iterator[Instead]:
    """The candidates below a header, or those that a phrase which names a header of the code chose."""
    text = proposal.note.text
    for candidate in proposal.candidates:
        naming = next(_leading_near(code, candidate, code_set), None)
        if naming is not None:
            start, end = naming.mention.start, naming.mention.end
            yield Instead(code=candidate.code, start=start, end=end, words=text[start:end])


def _leading_near(code: str, candidate: Candidate, code_set: CodeSet) -> Iterator[Naming]:
    for naming in candidate.namings:
        named = (term.code for term in naming.mention.terms)
        if candidate.code.startswith(code) or any(_above(n, code, code_set) for n in named):
            yield naming


def _above(named: IcdCode, code: str, code_set: CodeSet) -> bool:
    """Whether a phrase's code is a header of the other, or differs from it in side or encounter."""
    if code.startswith(named):
        return True
    if named[:3] != code[:3] or named not in code_set:
        return False
    return plain_text(code_set.title(named)) == plain_text(code_set.title(code))
