"""Quix Streams around the same engine, for benchmarks.throughput: ``quix_loop [BATCH] [null]``.

Its documented shape for output elsewhere: a sink that gets what came since the last checkpoint and
must have delivered it before the offsets are committed. Quix wants another confluent-kafka than ours,
so it runs in an environment of its own (`make bench-quix`).
"""

import sys

from confluent_kafka.schema_registry import SchemaRegistryClient
from quixstreams import Application
from quixstreams.sinks import BatchingSink, SinkBatch
from typing_extensions import override

from benchmarks.plain_loop import BATCH_WAIT_S, Answering, answering, batch_of
from runtime.roles import Role
from runtime.settings import KafkaSettings, WorkerSettings, read
from schemas.topics import topics


class CodingSink(BatchingSink):  # type: ignore[misc] # Quix is in another environment
    """Codes the notes of a checkpoint and waits until the broker holds their claims."""

    def __init__(self, parts: Answering) -> None:
        super().__init__()
        self._parts = parts

    @override
    def write(self, batch: SinkBatch) -> None:
        """Called by Quix before it commits: what it raises keeps the offsets where they are."""
        self._parts.answer([(note.value, note.timestamp) for note in batch])


def _nothing(_: SchemaRegistryClient) -> None:
    """Close it."""


def main() -> None:
    """Run until killed, with the settings of the worker."""
    if not hasattr(SchemaRegistryClient, "close"):  # the older client that Quix wants has none
        SchemaRegistryClient.close = _nothing  # type: ignore[assignment, method-assign] # as said
    kafka, arguments = read(KafkaSettings, Role.WORKER), sys.argv[1:]
    application = Application(
        broker_address=kafka.bootstrap_servers,
        consumer_group=read(WorkerSettings).group,
        auto_offset_reset="earliest",
        commit_interval=BATCH_WAIT_S,
        commit_every=batch_of(arguments),
        loglevel="ERROR",
    )
    notes = application.topic(topics(kafka.topic_prefix).notes.name, value_deserializer="bytes")
    application.dataframe(notes).sink(CodingSink(answering(arguments)))
    application.run()


if __name__ == "__main__":
    main()
