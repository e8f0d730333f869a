"""The coding worker as a process: settings, parts, run."""

import os
import socket

from clinical_coding.claim import Profile
from runtime import logs
from runtime.clock import now
from runtime.exit_status import exit_with
from runtime.logs import get_logger
from runtime.model_bundle import load_bundle
from runtime.progress import silent
from runtime.registry import Registry
from runtime.settings import (
    FolderSettings,
    KafkaSettings,
    ModelSettings,
    RegistrySettings,
    WorkerSettings,
    read,
)
from schemas.claim_coded import ClaimCoded
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text, topics
from schemas.wire import RecordReader, RecordWriter
from streams.failure_policy import with_retries
from streams.micro_batch import Parts
from streams.note_coder import NoteCoder, engine_coder
from streams.worker import CodingWorker


def main() -> None:
    """Run until told to stop; raises the error of our tree that ended the worker."""
    logs.configure("worker")
    bundle = load_bundle(read(ModelSettings), read(FolderSettings), silent)
    work(engine_coder(bundle))


def work(coder: NoteCoder) -> None:
    """Run the worker with this coder; raises what ended it, nothing after a graceful stop."""
    kafka, worker = read(KafkaSettings), read(WorkerSettings)
    parts = _parts(coder, kafka, worker)
    get_logger().info(
        "worker starting",
        group=worker.group,
        model_version=coder.model_version,
        code_set=coder.code_set_version,
        encoder=coder.encoder_name,
    )
    CodingWorker(kafka, worker, parts, read(FolderSettings).state_dir).run()
    get_logger().info("worker stopped", group=worker.group)


def _parts(coder: NoteCoder, kafka: KafkaSettings, worker: WorkerSettings) -> Parts:
    registry = read(RegistrySettings)
    names = topics(kafka.topic_prefix)
    schemas = Registry(registry)
    written = schema_text("claim_coded.avsc")
    known = schemas.register if registry.auto_register else schemas.schema_id
    claim_schema = with_retries(lambda: known(names.claims.subject, written))
    return Parts(
        topics=names,
        notes=RecordReader(NoteSigned, schema_text("note_signed.avsc"), schemas),
        claims=RecordWriter(ClaimCoded, written, claim_schema),
        coder=coder,
        profile=Profile(worker.profile),
        worker_id=f"{socket.gethostname()}-{os.getpid()}",
        now=now,
    )


if __name__ == "__main__":
    exit_with(main)
