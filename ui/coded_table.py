"""Codings of many notes as one table, and as files to take away."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field

import pyarrow as pa
from pyarrow import csv, parquet

from clinical_coding.claim import Coding, Diagnosis
from clinical_coding.note import NoteId

COLUMNS = pa.schema([
    ("note_id", pa.string()),
    ("rank", pa.int32()),
    ("code", pa.string()),
    ("description", pa.string()),
    ("probability", pa.float64()),
    ("band", pa.string()),
    ("first_listed", pa.bool_()),
    ("hcc", pa.string()),
    ("evidence", pa.string()),
    ("rules", pa.string()),
    ("warnings", pa.string()),
    ("code_set", pa.string()),
])  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedNote:
    """A note by its id, and its coding; the text is not kept."""

    note_id: NoteId
    coding: Coding = field(repr=False)


def table_of(notes: Iterable[CodedNote]) -> pa.Table:
    """A row for each code in the notes' order; a note without codes has one row without a code.

    ``evidence`` are places in the note as received, ``start-end``; lists are joined by "; ".
    """
    return pa.Table.from_pylist([row for note in notes for row in _rows(note)], COLUMNS)


def as_csv(table: pa.Table) -> bytes:
    """With a header line."""
    sink = pa.BufferOutputStream()
    csv.write_csv(table, sink)
    return bytes(sink.getvalue())


def as_parquet(table: pa.Table) -> bytes:
    """One file."""
    sink = pa.BufferOutputStream()
    parquet.write_table(table, sink)
    return bytes(sink.getvalue())


def as_json_lines(notes: Iterable[CodedNote]) -> bytes:
    """A line for each note, with all its evidence and what was left out: as `codemychart code` writes."""
    lines = (json.dumps({"id": note.note_id, **asdict(note.coding)}) for note in notes)
    return "".join(f"{line}\n" for line in lines).encode()


def _rows(note: CodedNote) -> Iterator[dict[str, object]]:
    coding = note.coding
    beside: dict[str, object] = {
        "note_id": note.note_id,
        "warnings": "; ".join(coding.warnings),
        "code_set": coding.code_set,
    }
    if not coding.diagnoses:
        yield beside
    for diagnosis in coding.diagnoses:
        yield beside | _code(diagnosis)


def _code(diagnosis: Diagnosis) -> dict[str, object]:
    return {
        "rank": diagnosis.rank,
        "code": diagnosis.code,
        "description": diagnosis.description,
        "probability": round(diagnosis.probability, 4),
        "band": diagnosis.band.value,
        "first_listed": diagnosis.first_listed,
        "hcc": diagnosis.hcc,
        "evidence": "; ".join(f"{e.start}-{e.end}" for e in diagnosis.evidence),
        "rules": "; ".join(diagnosis.rules),
    }
