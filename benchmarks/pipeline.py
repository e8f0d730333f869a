"""Measures how many notes a second go from the note topic to the claim topic, and how long one takes.

Ours: one worker process (`python -m streams`) with its micro-batches. Baseline: one process of
benchmarks.plain_loop, the same engine one note at a time. Both in turn on the embedded broker with the
same synthetic notes: first a backlog, for the rate, then notes at half of the baseline's rate, for the
time between a note's and its claim's records. The start of a process is counted nowhere.

    python -m benchmarks.pipeline [--quick]
"""

import statistics
from dataclasses import dataclass, field

from benchmarks.measure import Comparison, Side, show, told_to_be_quick
from benchmarks.running_sides import latency_ms, own_services, own_topics, python, rate

OURS, BASELINE = "streams", "benchmarks.plain_loop"


@dataclass(slots=True, kw_only=True)
class Figures:
    """One side's: notes a second of each round, milliseconds of each paced note."""

    rates: list[float] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)

    def percentile(self, percent: int) -> float:
        """Of the latencies."""
        return statistics.quantiles(self.latencies_ms, n=100)[percent - 1]


def main() -> None:
    """Measure both, in turn, and print the table and one JSON line."""
    backlog, paced, rounds = (200, 40, 1) if told_to_be_quick(__doc__) else (1000, 150, 3)
    ours, theirs = Figures(), Figures()
    with own_services() as variables:
        for _ in range(rounds):
            for module, figures in ((BASELINE, theirs), (OURS, ours)):
                with own_topics(variables) as own, own.worked_on_by(python(module)):
                    own.publish(backlog)
                    figures.rates.append(rate(own.answers(backlog)))
                    own.publish(paced, theirs.rates[-1] / 2)
                    figures.latencies_ms += map(latency_ms, own.answers(paced))
    comparison = Comparison(
        question=f"notes/s from topic to claims, {backlog} notes",
        ours=Side(name="worker, micro-batches", figures=tuple(ours.rates)),
        baseline=Side(name="plain loop, one note at a time", figures=tuple(theirs.rates)),
    )
    latencies = [
        (f"latency p{percent} ms", ours.percentile(percent), theirs.percentile(percent))
        for percent in (50, 95, 99)
    ]
    show(comparison, latencies)


if __name__ == "__main__":
    main()
