"""The baseline of the pipeline: a plain confluent-kafka loop around the same engine.

``python -m benchmarks.plain_loop [BATCH] [null]``: poll, code, produce, wait for the broker, commit, a
note or BATCH notes at a time, until it is killed. What a first version of such a service does, and as
safe as ours, since it commits after the delivery. ``null`` codes nothing: every note has one code.
"""

import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from confluent_kafka import Consumer

from clinical_coding.claim import Profile
from runtime.clock import now
from runtime.kafka import KafkaSender
from runtime.kafka_connection import client_config
from runtime.model_bundle import load_bundle
from runtime.progress import silent
from runtime.registry import Registry
from runtime.roles import Role
from runtime.settings import (
    FolderSettings,
    KafkaSettings,
    ModelSettings,
    RegistrySettings,
    WorkerSettings,
    read,
)
from schemas.claim_coded import ClaimCoded, Timings
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text, topics
from schemas.wire import RecordReader, RecordWriter
from streams.claim import claim_of
from streams.note_coder import NoteCoder, engine_coder
from tests.fakes.worker import NullCoder

FLUSH_S = 30.0
BATCH_WAIT_S = 0.25  # as the worker's


@dataclass(frozen=True, slots=True)
class Answering:
    """Decodes notes, codes them, sends their claims and waits until the broker holds them."""

    claims: str
    decoder: RecordReader[NoteSigned]
    writer: RecordWriter[ClaimCoded]
    sender: KafkaSender
    coder: NoteCoder

    def answer(self, notes: Sequence[tuple[bytes | None, int]]) -> None:
        """``notes`` are a record's bytes each, and its timestamp in milliseconds."""
        events = [self.decoder.decode(value) for value, _ in notes]
        codings = self.coder.code([event.note() for event in events], Profile.CLAIM)
        for (_, sent_ms), event, coding in zip(notes, events, codings, strict=True):
            published_at = datetime.fromtimestamp(sent_ms / 1000, tz=UTC)
            timings = Timings(published_at=published_at, batch_notes=len(notes), engine_ms=0.0)
            claim = claim_of(event, coding, self.coder, now(), timings)
            self.sender.send(self.claims, claim.encounter_id, self.writer.encode(claim), {})
        self.sender.flush(FLUSH_S)


def answering(arguments: Sequence[str]) -> Answering:
    """With the settings of the worker, and no engine where the arguments say ``null``."""
    kafka = read(KafkaSettings, Role.WORKER)
    names = topics(kafka.topic_prefix)
    registry, written = Registry(read(RegistrySettings)), schema_text("claim_coded.avsc")
    return Answering(
        claims=names.claims.name,
        decoder=RecordReader(NoteSigned, schema_text("note_signed.avsc"), registry),
        writer=RecordWriter(ClaimCoded, written, registry.schema_id(names.claims.subject, written)),
        sender=KafkaSender(kafka, "plain-loop"),
        coder=NullCoder() if "null" in arguments else _engine(),
    )


def batch_of(arguments: Sequence[str]) -> int:
    """How many notes at a time; 1 where nothing is said."""
    return int(next(iter(arguments), "1"))


def main() -> None:
    """Run until killed."""
    kafka, arguments = read(KafkaSettings, Role.WORKER), sys.argv[1:]
    parts, batch = answering(arguments), batch_of(arguments)
    group = {"group.id": read(WorkerSettings).group, "auto.offset.reset": "earliest",
             "enable.auto.commit": False}  # fmt: skip
    with closing(Consumer(client_config(kafka) | group)) as consumer:
        consumer.subscribe([topics(kafka.topic_prefix).notes.name])
        while True:
            messages = [m for m in consumer.consume(batch, BATCH_WAIT_S) if not m.error()]
            if messages:
                parts.answer([(m.value(), m.timestamp()[1]) for m in messages])
                consumer.commit(asynchronous=False)


def _engine() -> NoteCoder:
    return engine_coder(load_bundle(read(ModelSettings), read(FolderSettings), silent))


if __name__ == "__main__":
    main()
