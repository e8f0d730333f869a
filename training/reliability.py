"""Whether a probability means what it says: of codes shown with 0.8, four in five should be gold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Codes whose probability is in [start, start + 1 / BINS), the last bin's end included.

    ``probability`` is their mean, ``gold`` the share of them that are gold.
    """

    start: float
    codes: int
    probability: float
    gold: float


def reliability(judged: Iterable[tuple[float, bool]]) -> tuple[Bin, ...]:
    """The bins that hold codes, lowest first; ``judged`` is a probability and whether it is gold."""
    held: dict[int, list[tuple[float, bool]]] = {}
    for probability, is_gold in judged:
        held.setdefault(min(int(probability * BINS), BINS - 1), []).append((probability, is_gold))
    return tuple(
        Bin(
            start=number / BINS,
            codes=len(codes),
            probability=sum(probability for probability, _ in codes) / len(codes),
            gold=sum(is_gold for _, is_gold in codes) / len(codes),
        )
        for number, codes in sorted(held.items())
    )


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error (Naeini et al., 2015): the bins' gaps, weighed by their codes.

    0 where there are no codes.
    """
    codes = sum(one.codes for one in bins)
    gaps = sum(one.codes * abs(one.probability - one.gold) for one in bins)
    return gaps / codes if codes else 0.0
