"""How well codings agree with gold codes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clinical_coding.claim import Band, Coding
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
class Report:
    """Figures over one data set, each 0..1 but ``notes`` and ``codes_a_note``."""

    notes: int
    codes_a_note: float
    precision: float
    recall: float
    f1: float
    macro_f1: float
    category_f1: float
    submit_precision: float
    submit_share: float
    first_listed: float


def report(pairs: Iterable[tuple[LabelledNote, Coding]]) -> Report:
    """Exact-match micro and macro figures; ``first_listed`` is how often the first code is right."""
    exact, category, submit = Tally(), Tally(), Tally()
    by_code: defaultdict[str, Tally] = defaultdict(Tally)
    notes = first = 0
    for labelled, coding in pairs:
        predicted: set[str] = {d.code for d in coding.diagnoses}
        gold: set[str] = set(labelled.codes)
        exact.add(predicted, gold)
        category.add(_categories(predicted), _categories(gold))
        submit.add({d.code for d in coding.diagnoses if d.band is Band.SUBMIT}, gold)
        for code in predicted | gold:
            by_code[code].add({code} & predicted, {code} & gold)
        notes += 1
        first += _starts_alike(coding, labelled.codes)
    return Report(
        notes=notes,
        codes_a_note=exact.predicted / max(1, notes),
        precision=exact.precision,
        recall=exact.recall,
        f1=exact.f1,
        macro_f1=sum(t.f1 for t in by_code.values()) / max(1, len(by_code)),
        category_f1=category.f1,
        submit_precision=submit.precision,
        submit_share=submit.predicted / max(1, exact.predicted),
        first_listed=first / max(1, notes),
    )


def _starts_alike(coding: Coding, gold: Sequence[IcdCode]) -> bool:
    return bool(coding.diagnoses and gold) and coding.diagnoses[0].code == gold[0]


def _categories(codes: Iterable[str]) -> set[str]:
    return {code[:CATEGORY] for code in codes}
