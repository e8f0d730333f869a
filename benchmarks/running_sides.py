"""Topics of a benchmark's own, a process that works on them, and how fast its claims come."""

import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

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

QUIET_S = 60.0  # a side that sends nothing for so long has failed
SEED = 17
STOP_S = 60.0
LOG_TAIL = 4000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """When a note came to the broker, and when its claim did."""

    asked_at: datetime
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Topics:
    """Topics of one side's own: notes go in, claims come out."""

    publisher: Publisher
    claims: TopicReader
    decoder: RecordReader[ClaimCoded]
    settings: KafkaSettings
    variables: Mapping[str, str]  # for the process that works on them

    def publish(self, count: int, per_s: float | None = None) -> None:
        """Publish synthetic notes, as fast as it goes or at a pace."""
        notes = (note.event for note in encounters(count, SEED))
        self.publisher.publish(notes, pace=Pace(per_s) if per_s else None)

    def answers(self, count: int) -> list[Answer]:
        """Wait for so many claims; raises BrokerError when none comes for QUIET_S."""
        answers: list[Answer] = []
        deadline = time.monotonic() + QUIET_S
        while len(answers) < count:
            for record in self.claims.poll(count - len(answers), 1.0):
                asked_at = self.decoder.decode(record.value).timings.published_at
                answers.append(Answer(asked_at=asked_at, answered_at=record.timestamp))
                deadline = time.monotonic() + QUIET_S
            if time.monotonic() > deadline:
                raise BrokerError(
                    f"expected {count} claims; got {len(answers)} and then none for {QUIET_S:.0f} s; "
                    "its log is above"
                )
        return answers

    @contextmanager
    def worked_on_by(self, command: Sequence[str]) -> Iterator[int]:
        """A process that turns the notes into claims; gives its PID."""
        environment = os.environ | self.variables  # noqa: TID251 - handed on
        log = Path(self.variables["CMC_STATE_DIR"]) / "side.log"
        with log.open("w") as told:
            running = subprocess.Popen(  # noqa: S603 - our own modules
                list(command), env=environment, stderr=told
            )
            try:
                yield running.pid
            except BrokerError:
                print(log.read_text()[-LOG_TAIL:], file=sys.stderr)
                raise
            finally:
                running.terminate()
                running.wait(STOP_S)


def python(module: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs a module of ours."""
    return (sys.executable, "-m", module, *arguments)


def rate(answers: list[Answer]) -> float:
    """Claims a second from the first on: those that came with it or before are not counted."""
    first, *_, last = sorted(answer.answered_at for answer in answers)
    later = sum(answer.answered_at > first for answer in answers)
    return later / (last - first).total_seconds()


def latency_ms(answer: Answer) -> float:
    """From the note's record to its claim's."""
    return (answer.answered_at - answer.asked_at).total_seconds() * 1000


@contextmanager
def own_services() -> Iterator[dict[str, str]]:
    """A broker and a registry of this run's own."""
    with tempfile.TemporaryDirectory() as state:
        own = FolderSettings(state_dir=Path(state), cache_dir=read(FolderSettings).cache_dir)
        try:
            yield services.start(own, silent) | {"CMC_STATE_DIR": state}
        finally:
            services.stop(own)


def prefixed(variables: Mapping[str, str]) -> tuple[KafkaSettings, Registry]:
    """The broker that ``variables`` name, with topics under a prefix that nobody else has; its registry."""
    kafka = KafkaSettings(
        bootstrap_servers=variables["CMC_KAFKA_BOOTSTRAP_SERVERS"],
        topic_prefix=f"bench-{uuid.uuid4().hex[:8]}.",
    )
    create_topics(kafka, [topic.name for topic in topics(kafka.topic_prefix)])
    return kafka, Registry(RegistrySettings(url=variables["CMC_REGISTRY_URL"]))


@contextmanager
def own_topics(variables: Mapping[str, str]) -> Iterator[Topics]:
    """Topics that nobody else uses, on the services that ``variables`` name."""
    kafka, registry = prefixed(variables)
    names = topics(kafka.topic_prefix)
    ids = {s: registry.register(s, text) for s, text in names.subjects().items()}
    writer = RecordWriter(NoteSigned, schema_text("note_signed.avsc"), ids[names.notes.subject])
    own = {"CMC_KAFKA_TOPIC_PREFIX": kafka.topic_prefix, "CMC_WORKER_GROUP": kafka.topic_prefix}
    with closing(TopicReader(kafka, names.claims.name, "beginning")) as claims:
        yield Topics(
            publisher=Publisher(KafkaSender(kafka, "bench"), names.notes.name, writer),
            claims=claims,
            decoder=RecordReader(ClaimCoded, schema_text("claim_coded.avsc"), registry),
            settings=kafka,
            variables={**variables, **own},
        )
