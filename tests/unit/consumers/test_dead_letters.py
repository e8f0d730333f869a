"""What stands in the dead-letter topic."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from consumers.dead_letters import count_by_class, read_dead_letters
from runtime.kafka import KafkaRecord
from schemas.dead_letter import DeadLetter

SEEN = datetime(2026, 3, 2, 15, 5, tzinfo=UTC)
EVENTS = st.tuples(st.integers(0, 2), st.integers(0, 3), st.booleans())


def letter(partition: int, offset: int, *, error_class: str = "X", hours: int = 0) -> DeadLetter:
    seen = SEEN + timedelta(hours=hours)
    return DeadLetter(
        source_topic="notes", source_partition=partition, source_offset=offset,
        error_class=error_class, worker="w", first_seen=seen, last_seen=seen, attempt=1,
    )  # fmt: skip


def record(at: int, told: DeadLetter | None, value: bytes | None = b"raw") -> KafkaRecord:
    headers = told.headers() if told else {}
    return KafkaRecord(
        topic="dlq", partition=0, offset=at, timestamp=SEEN, key=b"k", value=value,
        headers=headers, raw_headers=tuple(headers.items()),
    )  # fmt: skip


@given(st.lists(EVENTS, max_size=20))
def test_a_record_is_listed_once_whatever_was_told_of_it_and_not_after_it_was_put_back(
    history: list[tuple[int, int, bool]],
) -> None:
    """Each refusal may come again after a crash; a mark closes them all."""
    records = [
        record(at, replace(letter(partition, offset), redriven_at=SEEN if is_mark else None))
        for at, (partition, offset, is_mark) in enumerate(history)
    ]

    found = read_dead_letters(records)

    refused = {(p, o) for p, o, is_mark in history if not is_mark}
    marked = {(p, o) for p, o, is_mark in history if is_mark}
    assert [one.letter.source for one in found.chosen()] == sorted(refused - marked)
    assert {one.letter.source for one in found.chosen(redriven=True)} == refused
    for one in found.chosen(redriven=True):
        last = max(
            at for at, (p, o, m) in enumerate(history) if (p, o) == one.letter.source and not m
        )
        assert one.lies_at == (0, last)


def test_letters_are_chosen_by_name_class_and_time() -> None:
    records = [
        record(0, letter(0, 1)),
        record(1, letter(0, 2, error_class="Y")),
        record(2, letter(0, 3, hours=2)),
    ]
    found = read_dead_letters(records)

    assert [one.name for one in found.chosen(error_class="X")] == ["0:1", "0:3"]
    assert [one.name for one in found.chosen(since=SEEN + timedelta(hours=1))] == ["0:3"]
    assert [one.name for one in found.chosen(["0:2", "9:9"])] == ["0:2"]
    assert found.unknown(["0:2", "9:9"]) == ["9:9"]
    assert count_by_class(found.chosen()) == {"X": 2, "Y": 1}


def test_records_without_our_headers_are_counted_and_passed_over() -> None:
    found = read_dead_letters([record(0, None), record(1, letter(0, 1))])

    assert (found.strangers, len(found.refused)) == (1, 1)


def test_what_a_letter_holds_is_in_no_word_about_it() -> None:
    """Sizes, names and places only."""
    found = read_dead_letters([record(0, letter(0, 1), b"a secret")])

    assert "secret" not in repr(found)
    assert found.chosen()[0].value_bytes == len(b"a secret")
