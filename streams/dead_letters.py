"""A refused record as a dead letter: the record untouched, what refused it in headers beside it."""

from datetime import datetime

from clinical_coding.errors import RejectedEventError
from schemas.dead_letter import HEADER_PREFIX, DeadLetter, told_letter
from streams.records import Incoming, Outgoing, present


def dead_letter(
    record: Incoming, error: RejectedEventError, *, topic: str, worker: str, moment: datetime
) -> Outgoing:
    """The record for ``topic``: key, value and headers as they came, and ours.

    The error's class is said, never its text. A record that was put back from the dead letters and
    is refused again keeps the moment of its first refusal and counts on.
    """
    earlier = told_letter(present(record.headers))
    letter = DeadLetter(
        source_topic=record.topic,
        source_partition=record.partition,
        source_offset=record.offset,
        error_class=type(error).__name__,
        worker=worker,
        first_seen=earlier.first_seen if earlier else moment,
        last_seen=moment,
        attempt=earlier.attempt + 1 if earlier else 1,
    )
    theirs = [pair for pair in record.headers if not pair[0].startswith(HEADER_PREFIX)]
    headers = (*theirs, *letter.headers().items())
    return Outgoing(topic=topic, key=record.key, value=record.value, headers=headers)


def left_at_source(letter: Outgoing) -> Outgoing:
    """The letter of a record that the dead-letter topic does not take: only what we say of it.

    Key, value and headers stay at the record's source, where a redrive finds them.
    """
    ours = [pair for pair in letter.headers if pair[0].startswith(HEADER_PREFIX)]
    size = str(len(letter.value or b"")).encode()
    headers = (*ours, (f"{HEADER_PREFIX}left_bytes", size))
    return Outgoing(topic=letter.topic, key=None, value=None, headers=headers)
