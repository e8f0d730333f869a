"""Measures what the stream costs beside the engine, and against others around the same engine.

Sides, in turn on the embedded broker with the same backlog of synthetic notes: the worker
(`python -m streams`); a plain confluent-kafka loop with the worker's batches; Quix Streams, where
`make bench-quix` made its environment; and the engine alone, without any topic. First with the engine,
then with none (every note has one code): what is left is Kafka, Avro and the framework. Last a long run
without an engine, to see the worker's memory under a lag.

    python -m benchmarks.throughput [--quick]
"""

import json
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from benchmarks.measure import machine, told_to_be_quick
from benchmarks.running_sides import SEED, own_services, own_topics, python, rate
from clinical_coding.claim import Profile
from clinical_coding.engine import code_batch
from producers.synthetic import encounters
from runtime.model_bundle import load_bundle
from runtime.progress import silent
from runtime.settings import FolderSettings, ModelSettings, WorkerSettings, read

QUIX = Path("build/quix/bin/python")
ALONE, PLAIN, OURS, QUIX_STREAMS = "engine alone", "plain loop", "worker", "Quix Streams"
MIB = 2**20
WARM = 0.2  # share of the long run after which memory should stay
Rates = dict[str, list[float]]


def main() -> None:
    """Measure all sides in turn, print the tables and a JSON line each."""
    quick = told_to_be_quick(__doc__)
    notes, null_notes, long_run, rounds = (
        (200, 2000, 4000, 1) if quick else (1000, 10_000, 200_000, 3)
    )
    with own_services() as variables:
        rates: Rates = {ALONE: [_alone(notes) for _ in range(rounds)]}
        rates |= _in_turn(_sides(engine=True), variables, notes, rounds)
        _tell(f"notes/s with the engine, {notes} notes", rates)
        null = _in_turn(_sides(engine=False), variables, null_notes, rounds)
        _tell(f"events/s without an engine, {null_notes} notes", null)
        _tell_memory(_memory(variables, long_run), long_run)


def _sides(*, engine: bool) -> dict[str, tuple[str, ...]]:
    """The command of each; the loops take as many notes at a time as the worker."""
    batch = str(read(WorkerSettings).batch_notes)
    words = (batch,) if engine else (batch, "null")
    found = {
        PLAIN: python("benchmarks.plain_loop", *words),
        OURS: python("streams") if engine else python("tests.fakes.worker", "0", "null"),
    }
    if QUIX.exists():
        found[QUIX_STREAMS] = (str(QUIX), "-m", "benchmarks.quix_loop", *words)
    else:
        print(f"no {QUIX_STREAMS}: make bench-quix makes its environment")
    return found


def _in_turn(
    sides: Mapping[str, Sequence[str]], variables: Mapping[str, str], notes: int, rounds: int
) -> Rates:
    rates: Rates = {name: [] for name in sides}
    for _ in range(rounds):
        for name, command in sides.items():
            with own_topics(variables) as own:
                own.publish(notes)
                with own.worked_on_by(command):
                    rates[name].append(rate(own.answers(notes)))
    return rates


def _alone(count: int) -> float:
    """Notes a second through the engine in the worker's batches, and nothing else."""
    size = read(WorkerSettings).batch_notes
    parts = load_bundle(read(ModelSettings), read(FolderSettings), silent).parts
    notes = [note.event.note() for note in encounters(count, SEED)]
    code_batch(notes[:size], parts, Profile.CLAIM)
    began = time.perf_counter()
    for first in range(0, count, size):
        code_batch(notes[first : first + size], parts, Profile.CLAIM)
    return count / (time.perf_counter() - began)


def _memory(variables: Mapping[str, str], notes: int) -> list[float]:
    """The worker's resident MiB while it works off a backlog, from its first claims to its last."""
    sampled = []
    step = max(1, notes // 50)
    with own_topics(variables) as own:
        own.publish(notes)
        with own.worked_on_by(_sides(engine=False)[OURS]) as pid:
            for _ in range(notes // step):
                own.answers(step)
                sampled.append(psutil.Process(pid).memory_info().rss / MIB)
    return sampled


def _tell(question: str, rates: Rates) -> None:
    print(f"\n{question} ({machine()})")
    plain = statistics.median(rates[PLAIN])
    print(f"{'':16}{'median':>10}{'min':>10}{'max':>10}{'to plain':>10}")
    for name, found in rates.items():
        middle = statistics.median(found)
        print(
            f"{name:16}{middle:>10.1f}{min(found):>10.1f}{max(found):>10.1f}{middle / plain:>10.2f}"
        )
    print(json.dumps({"question": question, "rates": rates, "machine": machine()}))


def _tell_memory(sampled: Sequence[float], notes: int) -> None:
    warm = sampled[int(len(sampled) * WARM) :]
    growth = warm[-1] / warm[0] - 1
    print(
        f"\nthe worker's memory over {notes} notes without an engine: {warm[0]:.0f} MiB when warm, "
        f"{max(warm):.0f} at most, {warm[-1]:.0f} at last ({growth:+.1%})"
    )
    print(json.dumps({"question": "MiB", "sampled": [round(one, 1) for one in sampled]}))


if __name__ == "__main__":
    main()
