"""What has become of each note, followed live from the topics and the producer's journal."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

from clinical_coding.errors import BrokerError
from runtime.kafka import KafkaRecord, TopicReader
from runtime.settings import KafkaSettings
from schemas.claim_coded import ClaimCoded
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text, topics
from schemas.wire import RecordReader
from tests.chaos.notes import number_of
from tests.fakes.schemas import FakeWriterSchemas
from ui.following import FollowedTopic


@dataclass(slots=True)
class Tally:
    """Outcomes by the note's number.

    ``settled`` is how many notes, from the first on, have one. ``disordered`` counts notes whose
    first claim came after that of a later note of the same encounter.
    """

    claims: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    dead_letters: set[int] = field(default_factory=set)
    settled: int = 0
    disordered: int = 0
    _newest: dict[str, int] = field(default_factory=dict)

    def claim(self, claim: ClaimCoded) -> None:
        """Count a claim."""
        number, encounter = number_of(claim.note_id), claim.encounter_id
        if number not in self.claims:
            self.disordered += number < self._newest.get(encounter, -1)
            self._newest[encounter] = max(number, self._newest.get(encounter, -1))
        self.claims[number].add(claim.event_id)
        self._advance()

    def dead_letter(self, note: NoteSigned) -> None:
        """Count a dead letter."""
        self.dead_letters.add(number_of(note.note_id))
        self._advance()

    def has_outcome(self, number: int) -> bool:
        """Whether the note has a claim or a dead letter."""
        return number in self.claims or number in self.dead_letters

    def _advance(self) -> None:
        while self.has_outcome(self.settled):
            self.settled += 1


class Follower:
    """Keeps a tally up to date; a broker that is away is waited for."""

    def __init__(self, kafka: KafkaSettings, schemas: Mapping[int, str], tally: Tally) -> None:
        self._topics = [
            FollowedTopic(open_at=partial(_open, kafka, topic), take=take)
            for topic, take in _takers(kafka, schemas, tally).items()
        ]

    def step(self, timeout_s: float) -> None:
        """Take what has come; waits up to ``timeout_s`` for it."""
        for topic in self._topics:
            try:
                topic.read_on(timeout_s / len(self._topics))
            except BrokerError:
                topic.leave()

    def leave(self) -> None:
        """Close the connections."""
        for topic in self._topics:
            topic.leave()


def tally_now(kafka: KafkaSettings, schemas: Mapping[int, str]) -> Tally:
    """What the topics hold at this moment, read anew from their beginning. Raises BrokerError."""
    tally = Tally()
    for topic, take in _takers(kafka, schemas, tally).items():
        with closing(_open(kafka, topic, None)) as reader:
            for record in reader.until_now():
                take(record)
    return tally


def _takers(
    kafka: KafkaSettings, schemas: Mapping[int, str], tally: Tally
) -> dict[str, Callable[[KafkaRecord], None]]:
    """What is done with a record, by topic."""
    known, names = FakeWriterSchemas(dict(schemas)), topics(kafka.topic_prefix)
    claims = RecordReader(ClaimCoded, schema_text("claim_coded.avsc"), known)
    notes = RecordReader(NoteSigned, schema_text("note_signed.avsc"), known)
    return {
        names.claims.name: lambda record: tally.claim(claims.decode(record.value)),
        names.dead_letters.name: lambda record: tally.dead_letter(notes.decode(record.value)),
    }


def _open(kafka: KafkaSettings, topic: str, places: Mapping[int, int] | None) -> TopicReader:
    """A broker that has just started may not know its topics yet: to such a reader nothing comes."""
    reader = TopicReader(kafka, topic, places or "beginning")
    if not reader.begin:
        reader.close()
        raise BrokerError(f"expected the partitions of {topic}; got none; ask again")
    return reader
