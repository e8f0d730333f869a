"""What the benchmarks share: repeated figures of two sides, a table, one JSON line with the ratio."""

import argparse
import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

_CPU_TABLE = Path("/proc/cpuinfo")  # Linux alone has it
PACKAGES = ("openvino", "xgboost-cpu", "faust-streaming", "confluent-kafka", "torch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side's figures, one for each repetition, in the same unit; more is better."""

    name: str
    figures: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle figure."""
        return statistics.median(self.figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Ours and the named baseline, measured in one run; ``question`` has the unit."""

    question: str
    ours: Side
    baseline: Side

    @property
    def ratio(self) -> float:
        """How many times the baseline's median ours is."""
        return self.ours.median / self.baseline.median


def told_to_be_quick(purpose: str | None) -> bool:
    """Whether the command line says --quick; --help prints the purpose."""
    parser = argparse.ArgumentParser(
        description=purpose, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer and smaller repetitions")
    return bool(parser.parse_args().quick)


def machine() -> str:
    """The CPU and how many of its cores this process may use."""
    names = [
        line.partition(":")[2].strip()
        for line in _CPU_TABLE.read_text().splitlines()
        if line.startswith("model name")
    ] if _CPU_TABLE.exists() else []  # fmt: skip
    return f"{next(iter(names), platform.machine())}, {os.cpu_count()} cores"


def show(comparison: Comparison, beside: Sequence[tuple[str, float, float]] = ()) -> None:
    """Print the table and the JSON line.

    ``beside`` has what else was measured: its name with the unit, ours, the baseline's.
    """
    print(f"\n{comparison.question} ({machine()}, Python {platform.python_version()})")
    print(f"{'':32}{'median':>10}{'min':>10}{'max':>10}")
    for side in (comparison.ours, comparison.baseline):
        low, high = min(side.figures), max(side.figures)
        print(f"{side.name:32}{side.median:>10.1f}{low:>10.1f}{high:>10.1f}")
    print(f"{'ratio':32}{comparison.ratio:>10.2f}")
    for name, ours, theirs in beside:
        print(f"{name:32}{ours:>10.0f} ours{theirs:>10.0f} baseline")
    print(
        json.dumps(
            {
                "question": comparison.question,
                "ours": comparison.ours.figures,
                "baseline": comparison.baseline.figures,
                "baseline_name": comparison.baseline.name,
                "ratio": round(comparison.ratio, 3),
                "beside": {
                    name: {"ours": round(ours, 1), "baseline": round(theirs, 1)}
                    for name, ours, theirs in beside
                },
                "machine": machine(),
                "versions": {name: version(name) for name in PACKAGES},
            }
        )
    )
