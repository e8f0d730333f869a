"""Measures how many notes a second a replay recodes, beside the worker that coded them.

One after the other on the embedded broker, the same synthetic notes: the worker process takes them from
its topic as a backlog, then `codemychart replay` recodes the window with the same bundle. Both rates are
by the broker's times of the claims, from the first on; the start of a process is counted nowhere. The
replay must find nothing changed.

    python -m benchmarks.replay [--quick]
"""

import json
import os
import subprocess
import sys
from contextlib import closing
from datetime import timedelta

from benchmarks.measure import Comparison, Side, show, told_to_be_quick
from benchmarks.running_sides import Answer, Topics, own_services, own_topics, python, rate
from clinical_coding.errors import BrokerError
from runtime.bundle_files import SHIPPED_BUNDLE
from runtime.clock import now
from runtime.kafka import TopicReader


def main() -> None:
    """Measure both, in turn, and print the table and one JSON line."""
    notes, rounds = (400, 1) if told_to_be_quick(__doc__) else (1000, 3)
    worker, replay = [], []
    with own_services() as variables:
        for _ in range(rounds):
            with own_topics(variables) as own:
                own.publish(notes)
                with own.worked_on_by(python("streams")):
                    worker.append(rate(own.answers(notes)))
                replay.append(_replay_rate(own))
    comparison = Comparison(
        question=f"notes/s recoded from topic to claims, {notes} notes",
        ours=Side(name="replay", figures=tuple(replay)),
        baseline=Side(name="the worker, same bundle", figures=tuple(worker)),
    )
    show(comparison)


def _replay_rate(own: Topics) -> float:
    """Recode everything that the worker was given, and read when its claims came."""
    since, until = (now() - timedelta(hours=1)).isoformat(), now().isoformat()
    words = ("replay", "--since", since, "--until", until, "--model", str(SHIPPED_BUNDLE), "--json")
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "cli", *words],
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
