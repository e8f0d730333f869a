"""The producer as a process: settings, parts, publish. `python -m producers FILE...`, "-" for stdin."""

import sys
from collections.abc import Iterable
from itertools import chain

from clinical_coding.errors import MisconfiguredError
from producers.note_files import STDIN, read_notes
from producers.patient_refs import refs_by
from producers.publish import Publisher
from runtime.clock import now
from runtime.exit_status import FAILED, exit_with
from runtime.health import Health, serve
from runtime.kafka import KafkaSender
from runtime.kafka_topics import counts, record_limit
from runtime.key_files import Key, local_keys, read_keys
from runtime.metrics import ProducerMetrics
from runtime.registry import Registry
from runtime.roles import Role
from runtime.settings import (
    EncryptionSettings,
    KafkaSettings,
    ProducerHealth,
    ProducerSettings,
    RegistrySettings,
    TracingSettings,
    read,
)
from runtime.tracing import recorder
from schemas.note_rows import RejectedRow
from schemas.note_signed import NoteSigned
from schemas.note_tables import Rows
from schemas.sealed_text import sealing
from schemas.topics import schema_text, topics
from schemas.wire import RecordWriter

CLIENT = "codemychart-producer"


def main() -> int:
    """Publish the files of the command line; 1 when a row was rejected."""
    files = sys.argv[1:] or [STDIN]
    done = open_publisher().publish(notes_of(files), rejected=_report)
    sys.stderr.write(f"{done}\n")
    return 0 if done.is_complete else FAILED


def notes_of(files: Iterable[str]) -> Rows:
    """The notes of a user's files, patients named by the keys of this process's settings."""
    refs = refs_by(patient_keys())
    return chain.from_iterable(read_notes(file, now, refs) for file in files)


def patient_keys() -> tuple[Key, ...]:
    """The keys of patients' references, oldest first; none where no file is set."""
    path = read(ProducerSettings).patient_keys
    return read_keys(path, "CMC_PRODUCER_PATIENT_KEYS") if path else ()


def open_publisher() -> Publisher:
    """A publisher to the note topic of this process's settings.

    Raises MisconfiguredError when the topic or its schema is not there, UnavailableError when
    broker or registry do not answer.
    """
    kafka, registered = read(KafkaSettings, Role.PRODUCER), read(RegistrySettings)
    topic, registry = topics(kafka.topic_prefix).notes, Registry(registered)
    contract = schema_text("note_signed.avsc")
    known = registry.register if registered.auto_register else registry.schema_id
    writer = RecordWriter(NoteSigned, contract, known(topic.subject, contract))
    if not counts(kafka, topic.name):
        raise MisconfiguredError(
            f"expected the topic {topic.name} on {kafka.bootstrap_servers}; got none; create it, or "
            "run `codemychart up` for an embedded broker"
        )
    limit = record_limit(kafka, topic.name)
    record = recorder("producer", read(TracingSettings))
    seal = sealing(local_keys(read(EncryptionSettings)))
    return Publisher(_sender(kafka), topic.name, writer, limit, record, seal)


def _sender(kafka: KafkaSettings) -> KafkaSender:
    """A sender that answers for its health where a port is set: ready until a record has failed."""
    metrics = ProducerMetrics()
    sender = KafkaSender(kafka, CLIENT, metrics)

    def health() -> Health:
        reason = f"{sender.failed} records failed" if sender.failed else ""
        return Health(live=True, ready=not sender.failed, reason=reason, lag=sender.waiting)

    serve(read(ProducerHealth), health, metrics.registry)
    return sender


def _report(row: RejectedRow) -> None:
    sys.stderr.write(f"{row}\n")


if __name__ == "__main__":
    exit_with(main)
