"""Measures how many notes a second go from the note topic to the claim topic.

Ours: one Faust worker process with its micro-batches. Baseline: a plain confluent-kafka loop with the same
engine that codes one note at a time, waits for the broker's acknowledgement and commits: what a first
version of such a service does. Both code the same synthetic notes on the embedded broker, in turn.

    python -m benchmarks.pipeline [--quick]
"""

import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread

from confluent_kafka import Consumer

from benchmarks.measure import Comparison, Side, show, told_to_be_quick
from clinical_coding.claim import Profile
from clinical_coding.errors import BrokerError
from producers.publish import Publisher
from producers.synthetic import encounters
from runtime.clock import now
from runtime.embedded import services
from runtime.kafka import KafkaSender, client_config, counts, create_topics
from runtime.model_bundle import load_bundle
from runtime.progress import silent
from runtime.registry import Registry
from runtime.settings import (
    FolderSettings,
    KafkaSettings,
    ModelSettings,
    RegistrySettings,
    read,
)
from schemas.claim_coded import ClaimCoded, Timings
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text, topics
from schemas.wire import RecordReader, RecordWriter
from streams.claim import claim_of
from streams.note_coder import NoteCoder, engine_coder

WAIT_S = 300.0
QUIET_S = 15.0  # the loop ends when nothing has come for so long


def main() -> None:
    """Measure both, in turn, and print the table and one JSON line."""
    quick = told_to_be_quick(__doc__)
    notes, rounds = (400, 1) if quick else (1500, 3)
    folders = read(FolderSettings)
    coder = engine_coder(load_bundle(read(ModelSettings), folders, silent))
    with tempfile.TemporaryDirectory() as state:
        own = FolderSettings(state_dir=Path(state), cache_dir=folders.cache_dir)
        variables = services.start(own, silent)
        try:
            ours, theirs = [], []
            for number in range(rounds):
                ours.append(_timed(variables, notes, number, _worker))
                theirs.append(
                    _timed(variables, notes, number, lambda k, r, v: _loop(k, r, coder, v))
                )
        finally:
            services.stop(own)
    show(
        Comparison(
            question="notes/s from topic to claims",
            ours=Side(name="worker, micro-batches", figures=tuple(ours)),
            baseline=Side(name="loop, one note at a time", figures=tuple(theirs)),
        )
    )


Run = Callable[[KafkaSettings, Registry, dict[str, str]], None]


def _timed(variables: dict[str, str], notes: int, seed: int, run: Run) -> float:
    """Notes a second of one run over fresh topics, from the first claim to the last.

    The start of the process and its first batch are not counted, on neither side.
    """
    kafka = KafkaSettings(
        bootstrap_servers=variables["CMC_KAFKA_BOOTSTRAP_SERVERS"],
        topic_prefix=f"bench-{uuid.uuid4().hex[:8]}.",
    )
    registry = Registry(RegistrySettings(url=variables["CMC_REGISTRY_URL"]))
    names = topics(kafka.topic_prefix)
    create_topics(kafka, [topic.name for topic in names])
    ids = {s: registry.register(s, text) for s, text in names.subjects().items()}
    writer = RecordWriter(NoteSigned, schema_text("note_signed.avsc"), ids[names.notes.subject])
    publisher = Publisher(KafkaSender(kafka, "bench"), names.notes.name, writer)
    publisher.publish(note.event for note in encounters(notes, seed))
    with _running(run, kafka, registry, variables):
        first, began = _claims_when_some(kafka, names.claims.name)
        _wait(kafka, names.claims.name, notes)
        return (notes - first) / (time.monotonic() - began)


@contextmanager
def _running(
    run: Run, kafka: KafkaSettings, registry: Registry, variables: dict[str, str]
) -> Iterator[None]:
    if run is _worker:
        settings = variables | {
            "CMC_KAFKA_TOPIC_PREFIX": kafka.topic_prefix,
            "CMC_WORKER_GROUP": f"{kafka.topic_prefix}worker",
        }
        worker = subprocess.Popen(  # noqa: S603 - our own worker
            [sys.executable, "-m", "streams"],
            env=os.environ | settings,  # noqa: TID251 - handed on
            stderr=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            worker.terminate()
            worker.wait(60)
        return
    thread = Thread(target=run, args=(kafka, registry, variables), daemon=True)
    thread.start()
    yield
    thread.join(60)


def _worker(kafka: KafkaSettings, registry: Registry, variables: dict[str, str]) -> None:
    """Stands for the worker process, which `_running` starts."""


def _loop(kafka: KafkaSettings, registry: Registry, coder: NoteCoder, _: dict[str, str]) -> None:
    """Poll, code, produce, wait, commit: one note at a time until nothing comes for five seconds."""
    names = topics(kafka.topic_prefix)
    decoder = RecordReader(NoteSigned, schema_text("note_signed.avsc"), registry)
    text = schema_text("claim_coded.avsc")
    writer = RecordWriter(ClaimCoded, text, registry.schema_id(names.claims.subject, text))
    sender = KafkaSender(kafka, "bench-loop")
    group = {"group.id": f"{kafka.topic_prefix}loop", "auto.offset.reset": "earliest",
             "enable.auto.commit": False}  # fmt: skip
    with closing(Consumer(client_config(kafka) | group)) as consumer:
        consumer.subscribe([names.notes.name])
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < QUIET_S:
            message = consumer.poll(0.5)
            if message is None or message.error():
                continue
            quiet_since = time.monotonic()
            event = decoder.decode(message.value())
            (coding,) = coder.code([event.note()], Profile.CLAIM)
            timings = Timings(published_at=now(), batch_notes=1, engine_ms=0.0)
            claim = claim_of(event, coding, coder, now(), timings)
            sender.send(names.claims.name, claim.encounter_id, writer.encode(claim), {})
            sender.flush(30)
            consumer.commit(message=message, asynchronous=False)


def _claims_when_some(kafka: KafkaSettings, topic: str) -> tuple[int, float]:
    _wait(kafka, topic, 1)
    return _claims(kafka, topic), time.monotonic()


def _wait(kafka: KafkaSettings, topic: str, wanted: int) -> None:
    deadline = time.monotonic() + WAIT_S
    while _claims(kafka, topic) < wanted:
        if time.monotonic() > deadline:
            raise BrokerError(
                f"expected {wanted} claims in {WAIT_S:.0f} s; got fewer; look at the worker"
            )
        time.sleep(0.05)


def _claims(kafka: KafkaSettings, topic: str) -> int:
    return sum(end for _, end in counts(kafka, topic).values())


if __name__ == "__main__":
    main()
