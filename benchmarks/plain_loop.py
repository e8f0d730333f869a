"""The baseline of the pipeline: a plain confluent-kafka loop around the same engine.

Poll, code, produce, wait for the broker, commit: one note at a time, until it is killed. What a
first version of such a service does, and as safe as ours, since it commits after the delivery.
"""

from contextlib import closing
from datetime import UTC, datetime

from confluent_kafka import Consumer

from clinical_coding.claim import Profile
from runtime.clock import now
from runtime.kafka import KafkaSender
from runtime.kafka_connection import client_config
from runtime.model_bundle import load_bundle
from runtime.progress import silent
from runtime.registry import Registry
from runtime.settings import (
    FolderSettings,
    KafkaSettings,
    ModelSettings,
    RegistrySettings,
    Role,
    WorkerSettings,
    read,
)
from schemas.claim_coded import ClaimCoded, Timings
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text, topics
from schemas.wire import RecordReader, RecordWriter
from streams.claim import claim_of
from streams.note_coder import engine_coder

FLUSH_S = 30.0


def main() -> None:
    """Run until killed, with the settings of the worker."""
    kafka = read(KafkaSettings, Role.WORKER)
    names = topics(kafka.topic_prefix)
    registry, written = Registry(read(RegistrySettings)), schema_text("claim_coded.avsc")
    coder = engine_coder(load_bundle(read(ModelSettings), read(FolderSettings), silent))
    decoder = RecordReader(NoteSigned, schema_text("note_signed.avsc"), registry)
    writer = RecordWriter(ClaimCoded, written, registry.schema_id(names.claims.subject, written))
    sender = KafkaSender(kafka, "plain-loop")
    group = {"group.id": read(WorkerSettings).group, "auto.offset.reset": "earliest",
             "enable.auto.commit": False}  # fmt: skip
    with closing(Consumer(client_config(kafka) | group)) as consumer:
        consumer.subscribe([names.notes.name])
        while True:
            message = consumer.poll(0.5)
            if message is None or message.error():
                continue
            event = decoder.decode(message.value())
            (coding,) = coder.code([event.note()], Profile.CLAIM)
            published_at = datetime.fromtimestamp(message.timestamp()[1] / 1000, tz=UTC)
            timings = Timings(published_at=published_at, batch_notes=1, engine_ms=0.0)
            claim = claim_of(event, coding, coder, now(), timings)
            sender.send(names.claims.name, claim.encounter_id, writer.encode(claim), {})
            sender.flush(FLUSH_S)
            consumer.commit(message=message, asynchronous=False)


if __name__ == "__main__":
    main()
