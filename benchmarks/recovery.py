"""Measures for how long notes wait when a worker dies, joins or leaves, with the real engine.

Notes come at a steady pace all the while. A worker that is alone is killed with -9 and another one is
started at once: the time to its first claim holds the engine's start and the 10 s for which the dead one
keeps its place in the group. Then a second worker joins and is asked to leave again: the longest time
without any claim, from its start and from its SIGTERM on.

    python -m benchmarks.recovery [--quick]
"""

import json
import os
import signal
import statistics
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from threading import Thread

from benchmarks.measure import machine, told_to_be_quick
from benchmarks.running_sides import Answer, Topics, own_services, own_topics, python
from runtime.clock import now

PER_S = 10.0  # notes; a claim about every tenth of a second where nothing waits
FLOWING = 20  # claims after which a worker is at work
WATCHED_S = 25
KILLED, JOINS, LEAVES = "first claim after kill -9", "longest pause, joining", "pause, leaving"
WORKER = python("streams")


def main() -> None:
    """Measure each a few times, print the table and a JSON line."""
    rounds = 1 if told_to_be_quick(__doc__) else 5
    waits: dict[str, list[float]] = {KILLED: [], JOINS: [], LEAVES: []}
    with own_services() as variables:
        for _ in range(rounds):
            with own_topics(variables) as own:
                _flow(own)
                waits[KILLED].append(_killed(own))
            with own_topics(variables) as own:
                _flow(own)
                for name, wait_s in zip((JOINS, LEAVES), _shared(own), strict=True):
                    waits[name].append(wait_s)
    print(f"\nseconds without a claim at {PER_S:.0f} notes a second ({machine()})")
    print(f"{'':28}{'median':>8}{'max':>8}")
    for name, found in waits.items():
        print(f"{name:28}{statistics.median(found):>8.1f}{max(found):>8.1f}")
    print(json.dumps({"question": "seconds", "waits": waits, "machine": machine()}))


def _flow(own: Topics) -> None:
    """Publish in the background for as long as a round may take."""
    Thread(target=own.publish, args=(int(PER_S * 5 * WATCHED_S), PER_S), daemon=True).start()


def _killed(own: Topics) -> float:
    with own.worked_on_by(WORKER) as pid:
        own.answers(FLOWING)
        os.kill(pid, signal.SIGKILL)
        killed = now()
    with own.worked_on_by(WORKER):
        while (came := own.answers(1)[0].answered_at) <= killed:
            pass
    return (came - killed).total_seconds()


def _shared(own: Topics) -> tuple[float, float]:
    with own.worked_on_by(WORKER):
        own.answers(FLOWING)
        joined = now()
        with own.worked_on_by(WORKER):
            while_two = own.answers(int(PER_S * WATCHED_S))
            left = now()
        while_one = own.answers(int(PER_S * WATCHED_S))
    return _pause_s(while_two, joined), _pause_s([*while_two, *while_one], left)


def _pause_s(answers: Iterable[Answer], since: datetime) -> float:
    """The longest time between two claims that follow one another, in the time that is watched."""
    until = since + timedelta(seconds=WATCHED_S)
    moments: Sequence[datetime] = sorted(
        answer.answered_at for answer in answers if since <= answer.answered_at <= until
    )
    return max((b - a).total_seconds() for a, b in pairwise([since, *moments]))


if __name__ == "__main__":
    main()
