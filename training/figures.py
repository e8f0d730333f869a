"""What an evaluation finds: its figures, each with what it means."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields

from clinical_coding.claim import Profile
from clinical_coding.rules.admission import FLOOR
from training.lost_codes import Fates
from training.reliability import Bin

DEPTHS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 75, 100)


def _means(what: str) -> float:
    """A figure of a report, with what it means in the report's own words."""
    return field(metadata={"means": what})  # type: ignore[no-any-return]  # field() stands for a value


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures over one data set; 0 where undefined, None where the question makes no sense."""

    notes: float = _means("notes that were coded")
    gold_a_note: float = _means("gold codes a note, each once")
    codes_a_note: float = _means("codes reported a note")
    precision: float = _means("share of the reported codes that are gold, over all notes (micro)")
    recall: float = _means("share of the gold codes that are reported (micro)")
    f1: float = _means("their harmonic mean: a code or nothing")
    macro_f1: float = _means("F1 of each code that is gold or reported, averaged over these codes")
    precision_headers_open: float = _means(
        "precision where a gold code that is a header today counts as found by a reported code below it"
    )
    recall_headers_open: float = _means("recall, counted so")
    f1_headers_open: float = _means("F1, counted so")
    f1_categories: float = _means("F1 of the first three characters")
    first_listed: float = _means("share of the notes whose first gold code is reported first")
    candidates_a_note: float = _means("codes that were ranked, a note")
    candidate_recall: float = _means(
        "share of the gold codes that are among them: no ranker finds more"
    )
    candidate_recall_headers_open: float = _means("the same with headers open")
    mean_average_precision: float = _means(
        "precision at the rank of each gold code among the candidates, averaged over a note's gold "
        "codes, then over the notes (headers open)"
    )
    recall_at_5: float = _means("share of the gold codes among a note's 5 likeliest candidates")
    recall_at_10: float = _means("among 10 (all four with headers open)")
    recall_at_15: float = _means("among 15")
    recall_at_50: float = _means("among 50")
    calibration_error_reported: float = _means(
        "expected calibration error, 10 bins, of the probability that a reported code shows"
    )
    calibration_error_review: float = _means(
        "the same of the ranker's probability, over all candidates at or above the review bar"
    )
    calibration_error_candidates: float = _means(
        f"the same over all candidates with a probability of {FLOOR} or more"
    )
    submit_share: float = _means("share of the reported codes that are in the submit band")
    submit_precision: float | None = _means("share of these that are gold")
    submit_precision_headers_open: float | None = _means("the same with headers open")
    gold_unseen: float | None = _means(
        "share of the gold codes that none of the notes had that the bundle learnt from"
    )
    recall_unseen: float | None = _means("recall on these alone (headers open)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All that is measured on one data set.

    ``bins`` are of all candidates from FLOOR up; ``depths`` is the recall of the ranked candidates
    at every DEPTHS.
    """

    profile: Profile
    figures: Figures
    bins: tuple[Bin, ...]
    depths: Mapping[int, float]
    fates: Fates


def meanings() -> Mapping[str, str]:
    """What each figure means, in the order of the report."""
    return {one.name: str(one.metadata["means"]) for one in fields(Figures)}


def rounded(figures: Figures) -> dict[str, float]:
    """The figures to four places, without those that make no sense here."""
    return {name: round(value, 4) for name, value in asdict(figures).items() if value is not None}
