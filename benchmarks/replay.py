"""Measures how many notes a second a replay recodes, beside the worker that coded them.

One after the other on the embedded broker, the same synthetic notes: the worker process takes them from
its topic as a backlog, then `codemychart replay` recodes the window with the same bundle. Both rates are
by the broker's times of the claims, from the first on; the start of a process is counted nowhere. The
replay must find nothing changed. Then the worker takes notes at a quarter of its rate, alone and with such a
replay beside it: the time from a note's to its claim's record, and how many notes wait when the last came.

    python -m benchmarks.replay [--quick]
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from benchmarks.measure import Comparison, Side, show, told_to_be_quick
from benchmarks.running_sides import (
    Answer,
    Topics,
    latency_ms,
    own_services,
    own_topics,
    python,
    rate,
)
from clinical_coding.errors import BrokerError
from runtime.bundle_files import SHIPPED_BUNDLE
from runtime.clock import now
from runtime.kafka import TopicReader


def main() -> None:
    """Measure both, in turn, and print the table and one JSON line."""
    notes, rounds = (400, 1) if told_to_be_quick(__doc__) else (1000, 3)
    worker, replay = [], []
    alone, beside = Waiting(), Waiting()
    with own_services() as variables:
        for _ in range(rounds):
            with own_topics(variables) as own:
                own.publish(notes)
                with own.worked_on_by(python("streams")):
                    worker.append(rate(own.answers(notes)))
                    _paced(own, notes // 4, worker[-1] / 4, alone)
                    with _started(own) as running:
                        _paced(own, notes // 4, worker[-1] / 4, beside)
                        if running.poll() is not None:
                            print("the replay ended before the notes did", file=sys.stderr)
                replay.append(_replay_rate(own))
    comparison = Comparison(
        question=f"notes/s recoded from topic to claims, {notes} notes",
        ours=Side(name="replay", figures=tuple(replay)),
        baseline=Side(name="the worker, same bundle", figures=tuple(worker)),
    )
    beside_figures = [
        ("worker p50 ms, replay beside, alone", beside.percentile(50), alone.percentile(50)),
        ("worker p95 ms, replay beside, alone", beside.percentile(95), alone.percentile(95)),
        ("notes waiting at the end", max(beside.lags), max(alone.lags)),
    ]
    show(comparison, beside_figures)


@dataclass(slots=True, kw_only=True)
class Waiting:
    """Milliseconds that notes waited for their claims, and notes that waited when the last came."""

    latencies_ms: list[float] = field(default_factory=list)
    lags: list[int] = field(default_factory=list)

    def percentile(self, percent: int) -> float:
        """Of the latencies."""
        return statistics.quantiles(self.latencies_ms, n=100)[percent - 1]


def _paced(own: Topics, notes: int, per_s: float, waiting: Waiting) -> None:
    own.publish(notes, per_s)
    answers = own.answers(notes)
    last = max(answer.asked_at for answer in answers)
    waiting.latencies_ms += map(latency_ms, answers)
    waiting.lags.append(sum(answer.answered_at > last for answer in answers))


@contextmanager
def _started(own: Topics) -> Iterator["subprocess.Popen[bytes]"]:
    """A replay of what the worker has coded so far, killed at the end if it is not done."""
    environment = os.environ | own.variables  # noqa: TID251 - handed on
    running = subprocess.Popen(  # noqa: S603 - our own module
        _words(), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def _words() -> tuple[str, ...]:
    """The command that replays everything up to now."""
    since, until = (now() - timedelta(hours=1)).isoformat(), now().isoformat()
    words = ("--since", since, "--until", until, "--model", str(SHIPPED_BUNDLE), "--json")
    return python("cli", "replay", *words)


def _replay_rate(own: Topics) -> float:
    """Recode everything that the worker was given, and read when its claims came."""
    done = subprocess.run(  # noqa: S603 - our own module
        _words(),
        env=os.environ | own.variables,  # noqa: TID251 - handed on
        stdout=subprocess.PIPE,
        check=True,
    )
    report = json.loads(done.stdout)
    counts = report["diff"]["notes"]
    if counts["same"] != counts["compared"] or counts["without_claim"]:
        raise BrokerError(f"expected the worker's claims again; got {counts}; see its report")
    with closing(TopicReader(own.settings, report["plan"]["topic"], "beginning")) as reader:
        times = [record.timestamp for record in reader.until_now()]
    return rate([Answer(asked_at=time, answered_at=time) for time in times])


if __name__ == "__main__":
    main()
