"""What runs found, as the tables of docs/chaos.md: ``python -m tests.chaos.report FILE...``.

Each FILE is the ``report.json`` that a run leaves in its folder.
"""

import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from consumers.reconcile import Reconciliation
from tests.chaos.plan import Fault, Plan
from tests.chaos.recovery import Happening
from tests.chaos.verdict import Repeats, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one run found.

    ``skipped`` faults could not be done on this machine; ``disordered`` notes were claimed for the
    first time after a later one of their encounter; ``hands`` says which processes needed one.
    """

    plan: Plan
    happenings: tuple[Happening, ...]
    skipped: tuple[Fault, ...]
    verdict: Verdict
    reconciliation: Reconciliation
    repeats: Repeats
    disordered: int
    hands: tuple[str, ...]
    took_s: float

    @property
    def is_good(self) -> bool:
        """Nothing missing or doubled, and nobody had to help."""
        return self.verdict.is_kept and not self.hands


REPORT = TypeAdapter(Report)
RUNS = (
    "| seed | faults | notes | missing | doubled | dead-lettered | out of order | notes sent again "
    "| claims sent again | of these in the lake | stops that need a hand | took s |"
)
FAULTS = "| fault | times | recovered | p50 s | max s |"


def tables(reports: Sequence[Report]) -> str:
    """A row for each run, then a row for each kind of fault over all of them, in Markdown."""
    return "\n".join(
        (RUNS, _rule(RUNS), *map(_run, reports), "", FAULTS, _rule(FAULTS), *_faults(reports))
    )


def _run(report: Report) -> str:
    repeats, verdict = report.repeats, report.verdict
    return _row(
        report.plan.seed,
        len(report.happenings),
        report.plan.notes,
        verdict.missing,
        verdict.doubled,
        verdict.dead_lettered,
        report.disordered,
        repeats.notes,
        repeats.claims,
        repeats.landed,
        len(report.hands),
        f"{report.took_s:.0f}",
    )


def _faults(reports: Sequence[Report]) -> Iterator[str]:
    by_kind: defaultdict[str, list[Happening]] = defaultdict(list)
    for happening in (h for report in reports for h in report.happenings):
        by_kind[f"{happening.fault.target}: {happening.fault.kind}"].append(happening)
    for name, happenings in sorted(by_kind.items()):
        yield _fault(name, happenings)
    yield _fault("all", [h for happenings in by_kind.values() for h in happenings])


def _fault(name: str, happenings: Sequence[Happening]) -> str:
    took_s = [h.recovered_s for h in happenings if h.recovered_s is not None]
    told = [f"{s:.1f}" for s in (statistics.median(took_s), max(took_s))] if took_s else "--"
    return _row(name, len(happenings), len(took_s), *told)


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _rule(heading: str) -> str:
    return "|---" * (heading.count("|") - 1) + "|"


if __name__ == "__main__":
    if not sys.argv[1:] or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    found = [REPORT.validate_json(Path(name).read_bytes()) for name in sys.argv[1:]]
    sys.stdout.write(f"{tables(found)}\n")
