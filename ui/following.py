"""A thread that follows the topics for the page; outside any group, it commits nothing."""

import time
from contextlib import closing
from threading import Thread

from clinical_coding.errors import CodingError, RejectedEventError
from runtime.kafka import KafkaRecord, TopicReader, counts
from runtime.registry import Registry
from runtime.settings import KafkaSettings, RegistrySettings, UiSettings
from schemas.claim_coded import ClaimCoded
from schemas.note_signed import NoteSigned
from schemas.topics import Topics, schema_text, topics
from schemas.wire import RecordReader
from ui.feed import Feed

POLL_S = 0.2
AGAIN_S = 2.0  # after trouble, and between two looks at the dead letters
BATCH = 500


def follow(kafka: KafkaSettings, registry: RegistrySettings, settings: UiSettings) -> Feed:
    """A feed that a daemon thread keeps up to date from now on."""
    feed = Feed(limit=settings.max_claims)
    names = topics(kafka.topic_prefix)
    follower = _Follower(kafka, Registry(registry), names, feed, with_notes=settings.show_notes)
    Thread(target=follower.run, name="feed", daemon=True).start()
    return feed


class _Follower:
    """Reads claims and, where allowed, notes; begins again after any trouble."""

    def __init__(
        self,
        kafka: KafkaSettings,
        schemas: Registry,
        names: Topics,
        feed: Feed,
        *,
        with_notes: bool,
    ) -> None:
        self._kafka = kafka
        self._names = names
        self._feed = feed
        self._with_notes = with_notes
        self._claims = RecordReader(ClaimCoded, schema_text("claim_coded.avsc"), schemas)
        self._notes = RecordReader(NoteSigned, schema_text("note_signed.avsc"), schemas)

    def run(self) -> None:
        """Follow for as long as the process lives."""
        while True:
            try:
                self._follow()
            except CodingError as error:
                self._feed.set_state(self._feed.dead_letters, str(error))
                time.sleep(AGAIN_S)

    def _follow(self) -> None:
        limit = self._feed.limit
        with (
            closing(TopicReader(self._kafka, self._names.claims.name, limit)) as claims,
            closing(TopicReader(self._kafka, self._names.notes.name, limit)) as notes,
        ):
            looked = 0.0
            while True:
                for record in claims.poll(BATCH, POLL_S):
                    self._take_claim(record)
                if self._with_notes:
                    for record in notes.poll(BATCH, POLL_S / 4):
                        self._take_note(record)
                if time.monotonic() - looked > AGAIN_S:
                    self._look()
                    looked = time.monotonic()

    def _look(self) -> None:
        marks = counts(self._kafka, self._names.dead_letters.name).values()
        self._feed.set_state(sum(end - first for first, end in marks), None)

    def _take_claim(self, record: KafkaRecord) -> None:
        try:
            self._feed.add_claim(self._claims.decode(record.value), time.monotonic())
        except RejectedEventError:
            return  # no claim: reconcile tells of it

    def _take_note(self, record: KafkaRecord) -> None:
        try:
            self._feed.add_note(self._notes.decode(record.value))
        except RejectedEventError:
            return  # the worker dead-letters it
