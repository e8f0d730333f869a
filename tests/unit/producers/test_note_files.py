"""A user's files: what makes a note, what is rejected, and that the rest goes on."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from clinical_coding.errors import MisconfiguredError
from clinical_coding.note import NoteStatus, Sex
from producers.event_files import event_line
from producers.note_files import read_notes
from producers.synthetic import encounters
from runtime.kafka_topics import MAX_RECORD_BYTES
from schemas.note_rows import LONGEST_TEXT, RejectedRow
from schemas.note_signed import NoteSigned
from schemas.note_tables import LONGEST_ROW, read_csv, read_jsonl

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
PATIENT = "Mrs Qwyzzx has dropsy"
texts = st.text(st.characters(exclude_categories=["Cs"]))


class EndlessFile(io.BytesIO):
    """The same line for ever."""

    @override
    def readline(self, size: int | None = -1, /) -> bytes:
        return b'{"id": "n1", "text": "a"}\n'


def now() -> datetime:
    return NOON


def jsonl(*lines: object) -> list[NoteSigned | RejectedRow]:
    raw = "\n".join(ln if isinstance(ln, str) else json.dumps(ln) for ln in lines)
    return list(read_jsonl(io.BytesIO(raw.encode()), "n.jsonl", now))


def of_csv(raw: str) -> list[NoteSigned | RejectedRow]:
    return list(read_csv(io.BytesIO(raw.encode()), "n.csv", now))


def note(row: NoteSigned | RejectedRow) -> NoteSigned:
    assert isinstance(row, NoteSigned), row
    return row


def reason(row: NoteSigned | RejectedRow) -> str:
    assert isinstance(row, RejectedRow)
    return str(row)


def test_the_longest_text_leaves_room_for_the_other_fields_in_the_largest_record() -> None:
    """The wire knows no broker: this holds the two limits together."""
    assert LONGEST_TEXT == MAX_RECORD_BYTES - 128 * 1024


def test_a_row_of_id_and_text_makes_a_note_with_the_documented_defaults() -> None:
    (row,) = jsonl({"id": "n1", "text": "Cough."})

    event = note(row)
    assert (event.note_id, event.encounter_id, event.note_version) == ("n1", "n1", 1)
    assert (event.status, event.sex, event.age_years) == (NoteStatus.SIGNED, Sex.UNKNOWN, None)
    assert (event.encounter_class, event.date_of_service) == ("AMB", NOON.date())
    assert (event.signed_at, event.source, event.patient_ref) == (NOON, "file", "unknown")


def test_every_field_of_a_row_is_kept_in_either_format() -> None:
    fields = {
        "note_id": "n1", "note_version": "2", "encounter_id": "e1", "patient_ref": "p1",
        "encounter_class": "imp", "date_of_service": "2026-03-01", "age": "7", "sex": "F",
        "note_type": "18842-5", "author_role": "nurse", "signed_at": "2026-03-02T01:00:00+02:00",
        "text": "Well.",
    }  # fmt: skip
    table = io.StringIO()
    writer = csv.DictWriter(table, fields)
    writer.writeheader()
    writer.writerow(fields)

    (plain,), (cells,) = jsonl(fields), of_csv(table.getvalue())

    assert plain == cells
    event = note(plain)
    assert (event.status, event.sex, event.age_years) == (NoteStatus.AMENDED, Sex.FEMALE, 7)
    assert (event.encounter_class, event.date_of_service) == ("IMP", date(2026, 3, 1))
    assert event.signed_at == datetime(2026, 3, 2, 1, tzinfo=timezone(timedelta(hours=2)))
    assert event.note_type_code == "18842-5"


@given(st.lists(texts, max_size=5))
def test_a_text_comes_out_of_json_lines_character_for_character(given_texts: list[str]) -> None:
    rows = jsonl(*({"id": f"n{n}", "text": text} for n, text in enumerate(given_texts)))

    assert [note(row).text for row in rows] == given_texts


@given(st.lists(texts, max_size=5))
def test_a_text_comes_out_of_a_csv_character_for_character(given_texts: list[str]) -> None:
    """Line ends, quotes, emoji and delimiters in a cell are the text's own."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, quoting=csv.QUOTE_ALL)
    writer.writerow(("id", "text"))
    writer.writerows((f"n{n}", text) for n, text in enumerate(given_texts))

    assert [note(row).text for row in of_csv(table.getvalue())] == given_texts


@pytest.mark.parametrize(
    "bad",
    [
        "{" + PATIENT,
        f'"{PATIENT}"',
        f'{{"id": "n9", "text": "{PATIENT}", "age": "{PATIENT}"}}',
        f'{{"id": "n9", "text": "{PATIENT}", "sex": "{PATIENT}"}}',
        f'{{"id": "n9", "text": "{PATIENT}", "date_of_service": "{PATIENT}"}}',
        f'{{"id": "n9", "text": "{PATIENT}", "signed_at": "{PATIENT}"}}',
        f'{{"id": "n9", "text": ["{PATIENT}"]}}',
        f'{{"id": "n9", "text": "{PATIENT} \\ud800"}}',
        f'{{"text": "{PATIENT}"}}',
        f'{{"id": "", "text": "{PATIENT}"}}',
        '{"id": "n9"}',
        "[" * 100_000,
    ],
)
def test_a_bad_line_is_told_by_place_and_reason_and_the_rest_goes_on(bad: str) -> None:
    """The reason quotes nothing of the row."""
    first, rejected, last = jsonl({"id": "n1", "text": "a"}, bad, {"id": "n2", "text": "b"})

    assert [note(first).note_id, note(last).note_id] == ["n1", "n2"]
    assert reason(rejected).startswith("n.jsonl:2: expected ")
    assert "Qwyzzx" not in reason(rejected)


def test_bytes_that_are_not_utf8_reject_their_row_only() -> None:
    lines = b'{"id": "n1", "text": "caf\xe9"}\n{"id": "n2", "text": "b"}\n'
    table = b"id,text\nn1,caf\xe9\nn2,b\n"

    for rows in (
        list(read_jsonl(io.BytesIO(lines), "f", now)),
        list(read_csv(io.BytesIO(table), "f", now)),
    ):
        assert "UTF-8" in reason(rows[0])
        assert note(rows[1]).note_id == "n2"


def test_byte_order_mark_crlf_and_empty_lines_are_no_part_of_a_row() -> None:
    lines = b'\xef\xbb\xbf{"id": "n1", "text": "a"}\r\n\r\n{"id": "n2", "text": "b"}\r\n'
    table = b"\xef\xbb\xbfid,text\r\nn1,a\r\n\r\nn2,b\r\n"

    for rows in (
        list(read_jsonl(io.BytesIO(lines), "f", now)),
        list(read_csv(io.BytesIO(table), "f", now)),
    ):
        assert [(note(row).note_id, note(row).text) for row in rows] == [("n1", "a"), ("n2", "b")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_bad_csv_row_is_told_by_the_line_it_begins_in(delimiter: str) -> None:
    lines = ("id,text", 'n1,"two\nlines"', "n2,b,extra", "n3,", "n4,c")
    raw = "\n".join(line.replace(",", delimiter) for line in lines)

    first, rejected, empty, last = of_csv(raw)

    assert note(first).text == "two\nlines"
    assert reason(rejected).startswith("n.csv:4: expected 2 cells")
    assert (note(empty).text, note(last).text) == ("", "c")


def test_a_note_of_two_hundred_kilobytes_is_a_note_and_one_beyond_the_limit_is_told() -> None:
    fits, beyond = jsonl(
        {"id": "n1", "text": "é" * 100_000}, {"id": "n2", "text": "é" * LONGEST_TEXT}
    )

    assert len(note(fits).text) == 100_000
    assert f"at most {LONGEST_TEXT} bytes" in reason(beyond)


def test_a_line_without_end_is_skipped_without_being_held() -> None:
    endless = io.BytesIO(b"x" * (2 * LONGEST_ROW + 5) + b'\n{"id": "n1", "text": "a"}\n')

    rejected, last = read_jsonl(endless, "f", now)

    assert reason(rejected).startswith("f:1: ")
    assert note(last).note_id == "n1"


def test_rows_are_read_as_they_are_asked_for() -> None:
    """Memory does not grow with the file."""
    rows = read_jsonl(EndlessFile(), "f", now)

    assert [note(next(rows)).note_id for _ in range(3)] == ["n1"] * 3


def test_events_written_to_a_file_are_read_back_as_they_were(tmp_path: Path) -> None:
    events = [synthetic.event for synthetic in encounters(40, seed=3)]
    file = tmp_path / "events.jsonl"
    file.write_text("".join(map(event_line, events)), encoding="utf-8", newline="")

    assert list(read_notes(str(file), now)) == events


def test_a_file_that_is_not_there_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MisconfiguredError, match="check the path"):
        list(read_notes(str(tmp_path / "none.csv"), now))
