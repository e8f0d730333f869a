"""The dead-letter topic read as what stands there now: which records are refused, and why.

A refused record is known by its source place, "partition:offset" in the topic that it was read from,
as `reconcile` names it. Each of its letters is a record of the topic, and so is the mark that it was
put back: the topic's history is all there is to keep. A letter's bytes are not held here.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime

from clinical_coding.errors import RejectedEventError
from runtime.kafka import KafkaRecord, TopicReader
from runtime.kafka_topics import counts
from runtime.settings import KafkaSettings
from schemas.dead_letter import HEADER_PREFIX, DeadLetter, told_letter
from schemas.note_signed import NoteSigned
from schemas.wire import RecordReader

Place = tuple[int, int]  # partition, offset


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A refused record: its last letter, where that lies, and whether it was put back since.

    Sizes are in bytes, None where there is no key or value.
    """

    letter: DeadLetter
    lies_at: Place
    key_bytes: int | None
    value_bytes: int | None
    header_names: tuple[str, ...]
    redriven_at: datetime | None = None

    @property
    def name(self) -> str:
        """What the commands call it."""
        return "{}:{}".format(*self.letter.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetters:
    """The topic at one moment; ``strangers`` are records without a dead letter's headers."""

    refused: Mapping[Place, Refused]
    strangers: int

    def chosen(
        self,
        names: Collection[str] = (),
        *,
        error_class: str | None = None,
        since: datetime | None = None,
        redriven: bool = False,
    ) -> list[Refused]:
        """Those that all that is given fits, by source place; put back ones only where asked for."""
        found = (self.refused[place] for place in sorted(self.refused))
        return [
            one
            for one in found
            if (not names or one.name in names)
            and error_class in (None, one.letter.error_class)
            and (since is None or one.letter.last_seen >= since)
            and (redriven or one.redriven_at is None)
        ]

    def unknown(self, names: Iterable[str]) -> list[str]:
        """Names that no refused record has."""
        known = {one.name for one in self.refused.values()}
        return [name for name in names if name not in known]


def read_dead_letters(records: Iterable[KafkaRecord]) -> DeadLetters:
    """Everything that the topic tells. Of a place's letters the last counts; a mark closes them all.

    All, for a letter that comes after the mark may tell again of the refusal before it.
    """
    refused: dict[Place, Refused] = {}
    marks: dict[Place, datetime] = {}
    strangers = 0
    for record in records:
        letter = told_letter(record.headers)
        if letter is None:
            strangers += 1
        elif letter.redriven_at is not None:
            marks[letter.source] = letter.redriven_at
        else:
            refused[letter.source] = _refused(record, letter)
    closed = {place: replace(one, redriven_at=marks.get(place)) for place, one in refused.items()}
    return DeadLetters(refused=closed, strangers=strangers)


def count_by_class(refused: Iterable[Refused]) -> dict[str, int]:
    """How many there are of each error class, the most frequent first."""
    return dict(Counter(one.letter.error_class for one in refused).most_common())


def records_of(
    settings: KafkaSettings, topic: str, chosen: Iterable[Refused], gone: Callable[[Refused], None]
) -> Iterator[KafkaRecord]:
    """The letters themselves, in the topic's order, each with the bytes that were refused.

    Bytes that the dead-letter topic could not take are read from their source; where that no longer
    keeps them ``gone`` is told. Raises BrokerError when the broker does not answer.
    """
    left = {one.lies_at: one for one in chosen}
    if not left:
        return
    with closing(_reader_at(settings, topic, left)) as reader:
        for record in reader.until_now():
            one = left.pop((record.partition, record.offset), None)
            if one is not None:
                whole = record if one.letter.left_bytes is None else _whole(record, one, settings)
                if whole is None:
                    gone(one)
                else:
                    yield whole
            if not left:
                return


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed:
    """What was refused: the bytes, and the note where they are one."""

    value: bytes | None = field(repr=False)
    note: NoteSigned | None = field(repr=False)


def reveal(record: KafkaRecord, decoder: RecordReader[NoteSigned]) -> Revealed:
    """PHI: the one way to what a letter holds, for whoever asks and is recorded."""
    try:
        return Revealed(value=record.value, note=decoder.decode(record.value))
    except RejectedEventError:
        return Revealed(value=record.value, note=None)


def _refused(record: KafkaRecord, letter: DeadLetter) -> Refused:
    return Refused(
        letter=letter,
        lies_at=(record.partition, record.offset),
        key_bytes=None if record.key is None else len(record.key),
        value_bytes=letter.left_bytes if record.value is None else len(record.value),
        header_names=tuple(name for name, _ in record.raw_headers),
    )


def _whole(record: KafkaRecord, one: Refused, settings: KafkaSettings) -> KafkaRecord | None:
    place, topic = one.letter.source, one.letter.source_topic
    with closing(_reader_at(settings, topic, [place])) as reader:
        own = (found for found in reader.until_now() if found.partition == place[0])
        first = next(own, None)
    if first is None or first.offset != place[1]:
        return None
    theirs = [pair for pair in first.raw_headers if not pair[0].startswith(HEADER_PREFIX)]
    ours = [pair for pair in record.raw_headers if pair[0].startswith(HEADER_PREFIX)]
    return replace(record, key=first.key, value=first.value, raw_headers=(*theirs, *ours))


def _reader_at(settings: KafkaSettings, topic: str, places: Collection[Place]) -> TopicReader:
    """Begins at the first of the places in each partition, and at the end of the partitions without."""
    ends = {n: end for n, (_, end) in counts(settings, topic).items()}
    starts = {n: min(offset for p, offset in places if p == n) for n in {p for p, _ in places}}
    return TopicReader(settings, topic, ends | starts)
