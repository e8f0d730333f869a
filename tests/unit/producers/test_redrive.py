"""Dead letters back on their topic."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.errors import BrokerError, MisconfiguredError
from producers.redrive import AT_ONCE, Redriver
from runtime.kafka import Headers, KafkaRecord
from schemas.dead_letter import DeadLetter, told_letter
from schemas.topics import topics

NOW = datetime(2026, 3, 2, 15, 5, tzinfo=UTC)
NAMES = topics()
Sent = tuple[str, bytes | None, bytes | None, Headers, int]


@dataclass(slots=True)
class FakeSender:
    """Meets producers.redrive.Sender; the broker goes away after ``holds`` records."""

    holds: int = 10_000
    sent: list[Sent] = field(default_factory=list)

    def send(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Headers, partition: int
    ) -> None:
        """Meets Sender."""
        self.sent.append((topic, key, value, headers, partition))

    def flush(self, timeout_s: float) -> None:  # noqa: ARG002 - nothing to wait for
        """Meets Sender."""
        if len(self.sent) > self.holds:
            raise BrokerError("not acknowledged")


def dead(
    offset: int, value: bytes | None, key: bytes | None = b"k", topic: str = ""
) -> KafkaRecord:
    letter = DeadLetter(
        source_topic=topic or NAMES.notes.name, source_partition=3, source_offset=offset,
        error_class="X", worker="w", first_seen=NOW, last_seen=NOW, attempt=2,
    )  # fmt: skip
    own: Headers = (("a", None), ("a", b"1"))
    return KafkaRecord(
        topic=NAMES.dead_letters.name, partition=1, offset=offset, timestamp=NOW, key=key,
        value=value, headers=letter.headers(), raw_headers=own + tuple(letter.headers().items()),
    )  # fmt: skip


VALUES = st.lists(st.none() | st.binary(max_size=9), max_size=3 * AT_ONCE)


@given(VALUES, st.none() | st.binary(max_size=9))
def test_every_letter_goes_back_untouched_in_order_and_is_marked_after_it(
    values: list[bytes | None], key: bytes | None
) -> None:
    letters = [dead(offset, value, key) for offset, value in enumerate(values)]
    sender = FakeSender()

    done = Redriver(sender, NAMES, lambda: NOW).redrive(letters)

    notes = [sent for sent in sender.sent if sent[0] == NAMES.notes.name]
    assert notes == [(NAMES.notes.name, r.key, r.value, r.raw_headers, 3) for r in letters]
    marks = [sent for sent in sender.sent if sent[0] == NAMES.dead_letters.name]
    assert [(key, value, partition) for _, key, value, _, partition in marks] == [
        (key, None, 1)
    ] * len(letters)
    told = [
        told_letter({name: value or b"" for name, value in headers}) for *_, headers, _ in marks
    ]
    assert [(t.source_offset, t.redriven_at) for t in told if t] == [
        (n, NOW) for n in range(len(values))
    ]
    assert (done.sent, done.acknowledged) == (len(letters), len(letters))


@given(st.integers(0, 4 * AT_ONCE))
def test_what_the_broker_does_not_hold_is_never_marked(holds: int) -> None:
    """So a redrive that broke off is repeated without loss."""
    sender = FakeSender(holds=holds)
    redriver = Redriver(sender, NAMES, lambda: NOW)
    letters = [dead(offset, b"raw") for offset in range(3 * AT_ONCE)]

    try:
        redriver.redrive(letters)
    except BrokerError:
        assert redriver.done.acknowledged < len(letters)

    for place, (topic, *_, headers, _) in enumerate(sender.sent):
        if topic == NAMES.dead_letters.name:
            mark = told_letter({name: value or b"" for name, value in headers})
            assert mark is not None
            before = sender.sent[: min(place, holds)]
            assert any(
                t == NAMES.notes.name
                and dict(h)["dlq_source_offset"] == str(mark.source_offset).encode()
                for t, _, _, h, _ in before
            )


def test_a_letter_of_another_deployment_is_not_put_among_our_notes() -> None:
    sender = FakeSender()

    with pytest.raises(MisconfiguredError, match="CMC_KAFKA_TOPIC_PREFIX"):
        Redriver(sender, NAMES, lambda: NOW).redrive([dead(0, b"raw", topic="payments.v1")])

    assert sender.sent == []
