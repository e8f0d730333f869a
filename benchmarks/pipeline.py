"""Measures how many notes a second go from the note topic to the claim topic, and how long one takes.

Ours: one worker process (`python -m streams`) with its micro-batches. Baseline: one process of
benchmarks.plain_loop, the same engine one note at a time. Both in turn on the embedded broker with the
same synthetic notes: first a backlog, for the rate, then notes at half of the baseline's rate, for the
time between a note's and its claim's records. The start of a process is counted nowhere.

    python -m benchmarks.pipeline [--quick]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from benchmarks.measure import Comparison, Side, show, told_to_be_quick
from clinical_coding.errors import BrokerError
from producers.pace import Pace
from producers.publish import Publisher
from producers.synthetic import encounters
from runtime.embedded import services
from runtime.kafka import KafkaSender, TopicReader
from runtime.kafka_topics import create_topics
from runtime.progress import silent
from runtime.registry import Registry
from runtime.settings import FolderSettings, KafkaSettings, RegistrySettings, read
from schemas.claim_coded import ClaimCoded
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text, topics
from schemas.wire import RecordReader, RecordWriter

OURS, BASELINE = "streams", "benchmarks.plain_loop"
QUIET_S = 120.0  # a side that sends nothing for so long has failed
SEED = 17


@dataclass(slots=True, kw_only=True)
class Figures:
    """One side's: notes a second of each round, milliseconds of each paced note."""

    rates: list[float] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)

    def percentile(self, percent: int) -> float:
        """Of the latencies."""
        return statistics.quantiles(self.latencies_ms, n=100)[percent - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """When a note came to the broker, and when its claim did."""

    asked_at: datetime
    answered_at: datetime


def main() -> None:
    """Measure both, in turn, and print the table and one JSON line."""
    backlog, paced, rounds = (200, 40, 1) if told_to_be_quick(__doc__) else (1000, 150, 3)
    ours, theirs = Figures(), Figures()
    with services_of_its_own() as variables:
        for _ in range(rounds):
            for module, figures in ((BASELINE, theirs), (OURS, ours)):
                with running_side(module, variables) as side:
                    figures.rates.append(rate(side.answers_to(backlog, None)))
                    answers = side.answers_to(paced, theirs.rates[-1] / 2)
                    figures.latencies_ms += map(_latency_ms, answers)
    comparison = Comparison(
        question=f"notes/s from topic to claims, {backlog} notes",
        ours=Side(name="worker, micro-batches", figures=tuple(ours.rates)),
        baseline=Side(name="plain loop, one note at a time", figures=tuple(theirs.rates)),
    )
    latencies = [
        (f"latency p{percent} ms", ours.percentile(percent), theirs.percentile(percent))
        for percent in (50, 95)
    ]
    show(comparison, latencies)


@dataclass(frozen=True, slots=True)
class RunningSide:
    """A process that turns notes into claims, on topics of its own."""

    publisher: Publisher
    claims: TopicReader
    decoder: RecordReader[ClaimCoded]
    settings: KafkaSettings
    variables: dict[str, str]

    def answers_to(self, count: int, per_s: float | None) -> list[Answer]:
        """Publish notes, as fast as it goes or at a pace, and wait for their claims."""
        notes = (note.event for note in encounters(count, SEED))
        self.publisher.publish(notes, pace=Pace(per_s) if per_s else None)
        answers: list[Answer] = []
        deadline = time.monotonic() + QUIET_S
        while len(answers) < count:
            for record in self.claims.poll(count, 1.0):
                claim = self.decoder.decode(record.value)
                asked_at = claim.timings.published_at
                answers.append(Answer(asked_at=asked_at, answered_at=record.timestamp))
                deadline = time.monotonic() + QUIET_S
            if time.monotonic() > deadline:
                raise BrokerError(
                    f"expected {count} claims; got {len(answers)} and then none for {QUIET_S:.0f} s; "
                    "look at the process's output"
                )
        return answers


def rate(answers: list[Answer]) -> float:
    """Claims a second from the first on: those that came with it or before are not counted."""
    first, *_, last = sorted(answer.answered_at for answer in answers)
    later = sum(answer.answered_at > first for answer in answers)
    return later / (last - first).total_seconds()


def _latency_ms(answer: Answer) -> float:
    return (answer.answered_at - answer.asked_at).total_seconds() * 1000


@contextmanager
def services_of_its_own() -> Iterator[dict[str, str]]:
    """A broker and a registry of this run's own."""
    with tempfile.TemporaryDirectory() as state:
        own = FolderSettings(state_dir=Path(state), cache_dir=read(FolderSettings).cache_dir)
        try:
            yield services.start(own, silent) | {"CMC_STATE_DIR": state}
        finally:
            services.stop(own)


@contextmanager
def running_side(module: str, variables: dict[str, str]) -> Iterator[RunningSide]:
    """A process of this module on new topics, stopped at the end."""
    kafka = KafkaSettings(
        bootstrap_servers=variables["CMC_KAFKA_BOOTSTRAP_SERVERS"],
        topic_prefix=f"bench-{uuid.uuid4().hex[:8]}.",
    )
    names = topics(kafka.topic_prefix)
    create_topics(kafka, [topic.name for topic in names])
    registry = Registry(RegistrySettings(url=variables["CMC_REGISTRY_URL"]))
    ids = {s: registry.register(s, text) for s, text in names.subjects().items()}
    writer = RecordWriter(NoteSigned, schema_text("note_signed.avsc"), ids[names.notes.subject])
    decoder = RecordReader(ClaimCoded, schema_text("claim_coded.avsc"), registry)
    publisher = Publisher(KafkaSender(kafka, "bench"), names.notes.name, writer)
    own = {"CMC_KAFKA_TOPIC_PREFIX": kafka.topic_prefix, "CMC_WORKER_GROUP": kafka.topic_prefix}
    with (
        _process(module, variables | own),
        closing(TopicReader(kafka, names.claims.name, "beginning")) as claims,
    ):
        yield RunningSide(publisher, claims, decoder, kafka, variables | own)


@contextmanager
def _process(module: str, variables: dict[str, str]) -> Iterator[None]:
    environment = os.environ | variables  # noqa: TID251 - handed on
    running = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", module], env=environment, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        running.terminate()
        running.wait(60)


if __name__ == "__main__":
    main()
