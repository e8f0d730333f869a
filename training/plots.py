"""Pictures of an evaluation."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.figures import Evaluation
from training.lost_codes import Fate

INK, FAINT, LOST = "#1f4e79", "#b8c4d0", "#b5532a"
_DOT_AREA = 300  # points squared of the bin with the most codes


def draw(title: str, found: Evaluation, path: Path) -> None:
    """One PNG: what the probabilities mean, how deep gold codes rank, where lost ones went."""
    figure = Figure(figsize=(13, 3.8), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    figure.suptitle(title)
    _draw_reliability(left, found)
    _draw_recall(middle, found.depths)
    _draw_fates(right, found.fates.shares())
    # without the library's version and date, the same figures give the same file
    figure.savefig(path, dpi=110, metadata={"Software": None})


def _draw_reliability(axes: Axes, found: Evaluation) -> None:
    most = max((one.codes for one in found.bins), default=1)
    axes.plot([0, 1], [0, 1], color=FAINT)
    axes.plot([b.probability for b in found.bins], [b.gold for b in found.bins], color=INK)
    axes.scatter(
        [one.probability for one in found.bins],
        [one.gold for one in found.bins],
        [max(12, _DOT_AREA * one.codes / most) for one in found.bins],
        color=INK,
    )
    axes.set(xlabel="probability", ylabel="share that is gold", xlim=(0, 1), ylim=(0, 1))
    error = found.figures.calibration_error_candidates
    axes.set_title(f"reliability, all candidates (error {error:.3f})", fontsize=10)


def _draw_recall(axes: Axes, depths: Mapping[int, float]) -> None:
    axes.plot(list(depths), list(depths.values()), color=INK)
    axes.set(xlabel="candidates, likeliest first", ylabel="share of gold codes", ylim=(0, 1))
    axes.set_title("recall of the ranked candidates", fontsize=10)


def _draw_fates(axes: Axes, shares: Mapping[Fate, float]) -> None:
    colours = [INK if fate is Fate.REPORTED else LOST for fate in shares]
    bars = axes.barh([str(fate) for fate in shares], list(shares.values()), color=colours)
    axes.bar_label(bars, fmt="%.3f", padding=3)
    axes.invert_yaxis()
    axes.set(xlabel="share of gold codes", xlim=(0, 1))
    axes.set_title("what became of the gold codes", fontsize=10)
