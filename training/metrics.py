"""How well codings agree with gold codes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from clinical_coding.claim import Band, Coding
from clinical_coding.code_set import CodeSet
from clinical_coding.note import IcdCode, LabelledNote

CATEGORY = 3  # characters


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
class CodedNote:
    """A labelled note, the engine's answer, and the codes among which it chose."""

    labelled: LabelledNote = field(repr=False)
    coding: Coding
    candidates: tuple[IcdCode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Figures over one data set, each 0..1 but ``notes`` and ``codes_a_note``.

    The first figures are strict: a code or nothing. ``f1_headers_open`` also counts a gold code that
    is a header today as found by any code below it, ``f1_categories`` compares three characters.
    ``submit_share`` is the share of all predicted codes that are in the submit band;
    ``candidate_recall`` bounds what any ranker can reach.
    """

    notes: int
    codes_a_note: float
    precision: float
    recall: float
    f1: float
    macro_f1: float
    f1_headers_open: float
    f1_categories: float
    submit_precision: float
    submit_share: float
    first_listed: float
    candidate_recall: float


@dataclass(slots=True)
class _Tallies:
    exact: Tally = field(default_factory=Tally)
    open_headers: Tally = field(default_factory=Tally)
    categories: Tally = field(default_factory=Tally)
    submit: Tally = field(default_factory=Tally)
    candidates: Tally = field(default_factory=Tally)
    first: Tally = field(default_factory=Tally)
    by_code: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))

    def add(self, coded: CodedNote, code_set: CodeSet) -> None:
        diagnoses, labels = coded.coding.diagnoses, coded.labelled.codes
        predicted: set[str] = {d.code for d in diagnoses}
        gold: set[str] = set(labels)
        self.exact.add(predicted, gold)
        self.open_headers.add(predicted, opened(gold, predicted, code_set))
        self.categories.add(_categories(predicted), _categories(gold))
        self.submit.add({d.code for d in diagnoses if d.band is Band.SUBMIT}, gold)
        self.candidates.add(set(coded.candidates), gold)
        self.first.add({d.code for d in diagnoses[:1]}, set(labels[:1]))
        for code in predicted | gold:
            self.by_code[code].add({code} & predicted, {code} & gold)


def report(coded: Iterable[CodedNote], code_set: CodeSet) -> Report:
    """Micro-averaged figures over the notes, and F1 averaged over the codes; 0 where undefined."""
    tallies = _Tallies()
    notes = 0
    for one in coded:
        tallies.add(one, code_set)
        notes += 1
    exact = tallies.exact
    return Report(
        notes=notes,
        codes_a_note=exact.predicted / max(1, notes),
        precision=exact.precision,
        recall=exact.recall,
        f1=exact.f1,
        macro_f1=sum(t.f1 for t in tallies.by_code.values()) / max(1, len(tallies.by_code)),
        f1_headers_open=tallies.open_headers.f1,
        f1_categories=tallies.categories.f1,
        submit_precision=tallies.submit.precision,
        submit_share=tallies.submit.predicted / max(1, exact.predicted),
        first_listed=tallies.first.recall,
        candidate_recall=tallies.candidates.recall,
    )


def opened(gold: set[str], predicted: set[str], code_set: CodeSet) -> set[str]:
    """Gold codes, each header among them replaced by the first predicted code below it, if any."""
    return {gold_code if code_set.is_billable(gold_code) else _below(gold_code, predicted)
            for gold_code in gold}  # fmt: skip


def _below(header: str, predicted: Iterable[str]) -> str:
    return min((code for code in predicted if code.startswith(header)), default=header)


def _categories(codes: Iterable[str]) -> set[str]:
    return {code[:CATEGORY] for code in codes}
