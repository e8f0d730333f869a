"""How well answers agree with gold codes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from clinical_coding.claim import Profile
from clinical_coding.code_set import CodeSet
from clinical_coding.note import IcdCode
from clinical_coding.rules.admission import FLOOR
from training.coded_notes import CodedNote, answer_to, categories, opened
from training.figures import DEPTHS, Evaluation, Figures
from training.lost_codes import Fates
from training.pairs import are_gold
from training.ranking_figures import RankTally
from training.reliability import calibration_error, reliability


@dataclass(slots=True)
class Tally:
    """True positives, and what was predicted and what was gold; rates are 0 where undefined."""

    hits: int = 0
    predicted: int = 0
    gold: int = 0

    def add(self, predicted: set[str], gold: set[str]) -> None:
        """Count one note."""
        self.hits += len(predicted & gold)
        self.predicted += len(predicted)
        self.gold += len(gold)

    @property
    def precision(self) -> float:
        """Share of the predicted codes that are gold."""
        return self.hits / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold codes that are predicted."""
        return self.hits / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        return 2 * self.hits / (self.predicted + self.gold) if self.predicted + self.gold else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """What answers are held against beside gold codes.

    ``review`` is the bar from which candidates are reported; ``seen`` are the codes of the notes
    that were learnt from, None where nothing was.
    """

    code_set: CodeSet
    review: float
    seen: frozenset[IcdCode] | None = None


@dataclass(slots=True)
class _Tallies:
    exact: Tally = field(default_factory=Tally)
    open_headers: Tally = field(default_factory=Tally)
    categories: Tally = field(default_factory=Tally)
    submit: Tally = field(default_factory=Tally)
    submit_open: Tally = field(default_factory=Tally)
    candidates: Tally = field(default_factory=Tally)
    first: Tally = field(default_factory=Tally)
    unseen: Tally = field(default_factory=Tally)
    ranks: RankTally = field(default_factory=RankTally)
    by_code: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    shown: list[tuple[float, bool]] = field(default_factory=list)
    ranked: list[tuple[float, bool]] = field(default_factory=list)
    fates: Fates = field(default_factory=Fates)
    notes: int = 0

    def add(self, coded: CodedNote, by: Yardstick) -> None:
        self.notes += 1
        self._add_answer(coded, by.code_set)
        self._add_candidates(coded, by.code_set)
        self.fates.add(coded, by.code_set)
        if by.seen is not None:
            self._add_unseen(coded, by.seen, by.code_set)

    def _add_answer(self, coded: CodedNote, code_set: CodeSet) -> None:
        labels = coded.labelled.codes
        gold: set[str] = set(labels)
        predicted: set[str] = set(coded.reported)
        wanted = opened(gold, coded.reported, code_set)
        self.exact.add(predicted, gold)
        self.open_headers.add(predicted, wanted)
        self.categories.add(categories(predicted), categories(gold))
        self.submit.add(set(coded.submitted), gold)
        self.submit_open.add(set(coded.submitted), wanted)
        self.first.add(set(list(coded.reported)[:1]), set(labels[:1]))
        self.shown += _judged(coded.reported, coded, code_set)
        for code in predicted | gold:
            self.by_code[code].add({code} & predicted, {code} & gold)

    def _add_candidates(self, coded: CodedNote, code_set: CodeSet) -> None:
        wanted = opened(coded.labelled.codes, coded.candidates, code_set)
        self.candidates.add(set(coded.candidates), set(coded.labelled.codes))
        self.ranks.add(list(coded.candidates), wanted)
        likely = {code: p for code, p in coded.candidates.items() if p >= FLOOR}
        self.ranked += _judged(likely, coded, code_set)

    def _add_unseen(self, coded: CodedNote, seen: frozenset[IcdCode], code_set: CodeSet) -> None:
        new = {code for code in coded.labelled.codes if answer_to(code, seen, code_set) is None}
        self.unseen.add(set(coded.reported), opened(new, coded.reported, code_set))

    def figures(self, review: float) -> Figures:
        """Everything that was counted as rates."""
        exact, ranks, notes = self.exact, self.ranks, max(1, self.notes)
        above = [(p, is_gold) for p, is_gold in self.ranked if p >= review]
        return Figures(
            notes=self.notes,
            gold_a_note=exact.gold / notes,
            codes_a_note=exact.predicted / notes,
            precision=exact.precision,
            recall=exact.recall,
            f1=exact.f1,
            macro_f1=sum(t.f1 for t in self.by_code.values()) / max(1, len(self.by_code)),
            precision_headers_open=self.open_headers.precision,
            recall_headers_open=self.open_headers.recall,
            f1_headers_open=self.open_headers.f1,
            f1_categories=self.categories.f1,
            first_listed=self.first.recall,
            candidates_a_note=ranks.candidates / notes,
            candidate_recall=self.candidates.recall,
            candidate_recall_headers_open=ranks.recall,
            mean_average_precision=ranks.mean_average_precision,
            recall_at_5=ranks.recall_at(5),
            recall_at_10=ranks.recall_at(10),
            recall_at_15=ranks.recall_at(15),
            recall_at_50=ranks.recall_at(50),
            calibration_error_reported=calibration_error(reliability(self.shown)),
            calibration_error_review=calibration_error(reliability(above)),
            calibration_error_candidates=calibration_error(reliability(self.ranked)),
            submit_share=self.submit.predicted / max(1, exact.predicted),
            submit_precision=self.submit.precision if self.submit.predicted else None,
            submit_precision_headers_open=(
                self.submit_open.precision if self.submit.predicted else None
            ),
            gold_unseen=self.unseen.gold / max(1, exact.gold) if self.unseen.gold else None,
            recall_unseen=self.unseen.recall if self.unseen.gold else None,
        )


def measure(coded: Iterable[CodedNote], profile: Profile, by: Yardstick) -> Evaluation:
    """Figures over the notes, micro-averaged but where a figure says otherwise."""
    tallies = _Tallies()
    for one in coded:
        tallies.add(one, by)
    return Evaluation(
        profile=profile,
        figures=tallies.figures(by.review),
        bins=reliability(tallies.ranked),
        depths={depth: tallies.ranks.recall_at(depth) for depth in DEPTHS},
        fates=tallies.fates,
    )


def _judged(
    codes: Mapping[IcdCode, float], coded: CodedNote, code_set: CodeSet
) -> Iterator[tuple[float, bool]]:
    """The codes' probabilities, each with whether it is gold or below a gold header."""
    return zip(codes.values(), are_gold(list(codes), coded.labelled.codes, code_set), strict=True)
