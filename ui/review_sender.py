"""Reviews to their topic: one is safe once the broker holds it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from clinical_coding.errors import BrokerError
from runtime.kafka import KafkaSender
from runtime.registry import Registry
from runtime.settings import KafkaSettings, RegistrySettings
from schemas.claim_reviewed import ClaimReviewed
from schemas.cloud_events import cloud_event_headers
from schemas.topics import schema_text, topics
from schemas.wire import RecordWriter

ACK_WITHIN_S = 10.0
SOURCE = "codemychart-ui"


class Sender(Protocol):
    """Where records go; KafkaSender is one."""

    def send(self, topic: str, key: str, value: bytes, headers: Mapping[str, bytes]) -> None:
        """Queue one record; BrokerError when an earlier one has failed for good."""

    def flush(self, timeout_s: float) -> None:
        """Wait until the broker holds every record; BrokerError when it does not."""


@dataclass(slots=True, kw_only=True)
class ReviewSender:
    """Publishes reviews, one at a time; both openers are asked when the first one is sent.

    A sender that has failed is left and another one opened for the next review.
    """

    topic: str
    open_writer: Callable[[], RecordWriter[ClaimReviewed]]
    open_sender: Callable[[], Sender]
    _writer: RecordWriter[ClaimReviewed] | None = None
    _sender: Sender | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def publish(self, review: ClaimReviewed) -> None:
        """Return when the broker holds the review.

        Raises BrokerError when it does not within ACK_WITHIN_S: sending the same decision again is
        harmless, it has the same id. Raises RegistryError or MisconfiguredError when the registry
        does not answer or does not know the schema.
        """
        with self._lock:
            self._writer = self._writer or self.open_writer()
            self._sender = self._sender or self.open_sender()
            value = self._writer.encode(review)
            try:
                self._sender.send(self.topic, review.encounter_id, value, self._headers(review))
                self._sender.flush(ACK_WITHIN_S)
            except BrokerError:
                self._sender = None
                raise

    def _headers(self, review: ClaimReviewed) -> dict[str, bytes]:
        return cloud_event_headers(
            event_id=review.event_id,
            event_type=self.topic,
            source=SOURCE,
            time=review.reviewed_at,
        )


def review_sender(kafka: KafkaSettings, registry: RegistrySettings) -> ReviewSender:
    """Sends to the deployment's topic of reviews; connects with the first review."""
    topic = topics(kafka.topic_prefix).reviews
    text = schema_text("claim_reviewed.avsc")

    def open_writer() -> RecordWriter[ClaimReviewed]:
        return RecordWriter(ClaimReviewed, text, Registry(registry).schema_id(topic.subject, text))

    return ReviewSender(
        topic=topic.name,
        open_writer=open_writer,
        open_sender=lambda: KafkaSender(kafka, "codemychart-ui"),
    )
