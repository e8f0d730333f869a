"""The table of a batch and its files: the same rows whichever is taken."""

import io
import json
from dataclasses import replace

import pyarrow.csv
import pyarrow.parquet

from clinical_coding.claim import Coding, Profile
from clinical_coding.note import IcdCode, NoteId
from tests.claims import claim_event
from ui.coded_table import CodedNote, as_csv, as_json_lines, as_parquet, table_of

(FIRST,) = claim_event("n").diagnoses
SECOND = replace(FIRST, code=IcdCode("I10"), rank=2, first_listed=False, hcc="37",
                 description='Hypertension, "essential"\nüber')  # fmt: skip
FULL = Coding(profile=Profile.CLAIM, code_set="FY2026", diagnoses=(FIRST, SECOND), dropped=(),
              warnings=("code-set-not-in-force",))  # fmt: skip
NOTES = [
    CodedNote(note_id=NoteId("n1"), coding=FULL),
    CodedNote(note_id=NoteId("n2"), coding=replace(FULL, diagnoses=(), warnings=())),
]


def test_a_row_for_each_code_and_one_for_a_note_without_any() -> None:
    rows = table_of(NOTES).to_pylist()

    assert [(r["note_id"], r["rank"], r["code"]) for r in rows] == [
        ("n1", 1, "R07.9"),
        ("n1", 2, "I10"),
        ("n2", None, None),
    ]
    assert rows[0]["evidence"] == "0-22"
    assert rows[0]["warnings"] == "code-set-not-in-force"


def test_parquet_and_csv_hold_the_tables_rows() -> None:
    table = table_of(NOTES)
    read = pyarrow.csv.read_csv(
        io.BytesIO(as_csv(table)), parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True)
    )

    assert pyarrow.parquet.read_table(io.BytesIO(as_parquet(table))) == table
    assert read["description"].to_pylist()[:2] == [FIRST.description, SECOND.description]
    assert read.num_rows == table.num_rows


def test_json_lines_are_those_of_the_command_and_an_empty_batch_is_empty() -> None:
    lines = [json.loads(line) for line in as_json_lines(NOTES).splitlines()]

    assert [line["id"] for line in lines] == ["n1", "n2"]
    assert lines[0]["diagnoses"][1]["hcc"] == "37"
    assert as_json_lines([]) == b""
    assert table_of([]).num_rows == 0
