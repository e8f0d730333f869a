"""How good the order of the candidates is, before any bar and any rule."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class RankTally:
    """Where the gold codes of notes stand among the ranked candidates; rates are 0 where undefined."""

    notes: int = 0
    gold: int = 0
    candidates: int = 0
    precisions: float = 0.0  # average precision, summed over the notes
    ranks: Counter[int] = field(default_factory=Counter)  # of gold codes, from 1

    def add(self, ranked: Sequence[str], gold: set[str]) -> None:
        """Count one note; ``ranked`` likeliest first, each code once. One without gold is left out."""
        self.candidates += len(ranked)
        if not gold:
            return
        found = [rank for rank, code in enumerate(ranked, 1) if code in gold]
        self.notes += 1
        self.gold += len(gold)
        self.precisions += average_precision(found, len(gold))
        self.ranks.update(found)

    @property
    def mean_average_precision(self) -> float:
        """Average precision, averaged over the notes (MAP; Manning et al., 2008, section 8.4)."""
        return self.precisions / self.notes if self.notes else 0.0

    @property
    def recall(self) -> float:
        """Share of all gold codes that are among the candidates at all."""
        return self.ranks.total() / self.gold if self.gold else 0.0

    def recall_at(self, depth: int) -> float:
        """Share of all gold codes that are among the first so many candidates of their notes."""
        found = sum(count for rank, count in self.ranks.items() if rank <= depth)
        return found / self.gold if self.gold else 0.0


def average_precision(ranks: Iterable[int], gold: int) -> float:
    """Precision at each gold code's rank, averaged over the gold codes; one not ranked counts 0."""
    return sum(hits / rank for hits, rank in enumerate(sorted(ranks), 1)) / gold
