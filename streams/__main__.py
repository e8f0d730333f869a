"""The coding worker as a process: settings, parts, run."""

import os
import socket
from pathlib import Path
from threading import Thread

from clinical_coding.claim import Profile
from clinical_coding.errors import MisconfiguredError, StorageError
from runtime import logs
from runtime.clock import now
from runtime.exit_status import exit_with
from runtime.health import serve
from runtime.kafka_group import GroupPlaces
from runtime.kafka_topics import ask
from runtime.key_files import local_keys
from runtime.logs import get_logger
from runtime.metrics import WorkerMetrics
from runtime.model_bundle import load_bundle
from runtime.progress import silent
from runtime.registry import Registry
from runtime.roles import Role
from runtime.settings import (
    EncryptionSettings,
    FolderSettings,
    KafkaSettings,
    ModelSettings,
    RegistrySettings,
    TracingSettings,
    WorkerHealth,
    WorkerSettings,
    read,
)
from runtime.tracing import recorder
from schemas.claim_coded import ClaimCoded
from schemas.note_signed import NoteSigned
from schemas.sealed_text import opening
from schemas.topics import schema_text, topics
from schemas.wire import RecordReader, RecordWriter
from streams.failure_policy import with_retries
from streams.micro_batch import Parts
from streams.note_coder import NoteCoder, engine_coder
from streams.vitals import Vitals
from streams.watchdog import Watchdog, look_every_s
from streams.worker import CodingWorker


def main() -> None:
    """Run until told to stop; raises the error of our tree that ended the worker."""
    logs.configure("worker")
    bundle = load_bundle(read(ModelSettings), read(FolderSettings), silent)
    work(engine_coder(bundle))


def work(coder: NoteCoder) -> None:
    """Run the worker with this coder; raises what ended it, nothing after a graceful stop."""
    kafka, worker = read(KafkaSettings, Role.WORKER), read(WorkerSettings)
    state_dir = _made(read(FolderSettings).state_dir)
    _require_topics(kafka)
    parts, vitals = (
        parts_of(coder, kafka, worker),
        Vitals(WorkerMetrics(), recorder("worker", read(TracingSettings))),
    )
    coding = CodingWorker(kafka, worker, parts, vitals, state_dir)
    log = get_logger()
    log.info(
        "worker starting",
        group=worker.group,
        model_version=coder.model_version,
        code_set=coder.code_set_on(now().date()),
        encoder=coder.encoder_name,
    )
    _guard(kafka, worker, parts, vitals)
    coding.run()
    log.info("worker stopped", group=worker.group)


def _guard(kafka: KafkaSettings, worker: WorkerSettings, parts: Parts, vitals: Vitals) -> None:
    """Watch the worker from a thread, and answer for its health."""
    places = GroupPlaces(
        kafka,
        group=worker.group,
        topic=parts.topics.notes.name,
        timeout_s=look_every_s(worker.stall_s),
    )
    watchdog = Watchdog(places, vitals, worker.stall_s)
    vitals.metrics.started.set(now().timestamp())
    serve(read(WorkerHealth), watchdog.health, vitals.metrics.registry)
    Thread(target=watchdog.watch, name="watchdog", daemon=True).start()


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"expected a folder that can be written at {folder}; got {error.strerror}; "
            "check CMC_STATE_DIR"
        ) from None
    return folder


def _require_topics(kafka: KafkaSettings) -> None:
    """Raises BrokerError without a broker and MisconfiguredError without the topics: Faust would wait."""
    names = topics(kafka.topic_prefix)
    wanted = {topic.name for topic in (names.notes, names.claims, names.dead_letters)}
    missing = sorted(wanted.difference(ask(kafka)))
    if missing:
        raise MisconfiguredError(
            f"expected the worker's topics on the broker; got none called {', '.join(missing)}; "
            "create them with as many partitions as you want workers, or check "
            "CMC_KAFKA_TOPIC_PREFIX and the worker's permissions"
        )


def parts_of(coder: NoteCoder, kafka: KafkaSettings, worker: WorkerSettings) -> Parts:
    """What codes notes with this coder; raises MisconfiguredError without the claims' schema."""
    registry = read(RegistrySettings)
    names = topics(kafka.topic_prefix)
    schemas = Registry(registry)
    written = schema_text("claim_coded.avsc")
    known = schemas.register if registry.auto_register else schemas.schema_id
    claim_schema = with_retries(lambda: known(names.claims.subject, written))
    opened = opening(local_keys(read(EncryptionSettings)))
    return Parts(
        topics=names,
        notes=RecordReader(NoteSigned, schema_text("note_signed.avsc"), schemas, opened),
        claims=RecordWriter(ClaimCoded, written, claim_schema),
        coder=coder,
        profile=Profile(worker.profile),
        worker_id=f"{socket.gethostname()}-{os.getpid()}",
        now=now,
    )


if __name__ == "__main__":
    exit_with(main)
