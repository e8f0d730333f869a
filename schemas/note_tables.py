"""Rows of a user's own notes: JSON Lines or CSV, row after row, in constant memory.

A row that makes no note is answered with its place and the reason, and the next row is read. The
fields are those of ``note_rows``; a CSV names them in its first line.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import BinaryIO

from schemas.note_rows import PatientRefs, RejectedRow, event_of, no_refs
from schemas.note_signed import NoteSigned

LONGEST_ROW = 32 * 1024 * 1024  # bytes (characters in a CSV): the largest note, all escaped
BOM = b"\xef\xbb\xbf"
DELIMITERS = (",", ";", "\t")
Rows = Iterator[NoteSigned | RejectedRow]
Clock = Callable[[], datetime]


def read_jsonl(file: BinaryIO, name: str, now: Clock, refs: PatientRefs = no_refs) -> Rows:
    """The notes of JSON Lines: an object a line, empty lines between them are skipped."""
    for number, line in enumerate(_lines(file), start=1):
        if line is None:
            yield _too_long(name, number)
        elif line.strip(b" \t\r\n\x00"):
            yield _placed(_parsed(line), name, number, now(), refs)


def read_csv(file: BinaryIO, name: str, now: Clock, refs: PatientRefs = no_refs) -> Rows:
    """The notes of a CSV with a header line, split by comma, semicolon or tab; cells may hold lines.

    An empty cell is a field left out, but for ``text``.
    """
    csv.field_size_limit(LONGEST_ROW)
    text = io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="")
    header = text.readline(LONGEST_ROW)
    delimiter = max(DELIMITERS, key=header.count)
    columns = next(csv.reader([header], delimiter=delimiter), [])
    bounded = iter(partial(text.readline, LONGEST_ROW), "")
    reader = csv.reader(bounded, delimiter=delimiter)
    while True:
        line = 2 + reader.line_num  # the header is line 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error:
            yield _too_long(name, line)
            continue
        if cells:
            yield _placed(_row(columns, cells), name, line, now(), refs)
    text.detach()  # the file stays its opener's to close


def _placed(
    fields: dict[str, object] | str, name: str, line: int, now: datetime, refs: PatientRefs
) -> NoteSigned | RejectedRow:
    event = fields if isinstance(fields, str) else event_of(fields, now, refs)
    if isinstance(event, str):
        return RejectedRow(file=name, line=line, reason=event)
    return event


def _parsed(line: bytes) -> dict[str, object] | str:
    try:
        found = json.loads(line.removeprefix(BOM).decode())
    except UnicodeDecodeError:
        return "expected UTF-8; got other bytes; save the file as UTF-8"
    except json.JSONDecodeError as error:
        return f"expected a JSON object; got bad JSON in column {error.colno}; correct the line"
    except (ValueError, RecursionError) as error:
        return f"expected a JSON object; got {type(error).__name__}; correct the line"
    if not isinstance(found, dict):
        return "expected a JSON object; got another JSON value; put one object on each line"
    return found


def _row(columns: Sequence[str], cells: Sequence[str]) -> dict[str, object] | str:
    if len(cells) != len(columns):
        return f"expected {len(columns)} cells as in the header; got {len(cells)}; quote the text"
    pairs = zip(columns, cells, strict=True)
    return {n: cell for n, cell in pairs if cell.strip() or n.strip().lower() == "text"}


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Each line; None for one that is too long to be held."""
    while line := file.readline(LONGEST_ROW):
        whole = len(line) < LONGEST_ROW or line.endswith(b"\n")
        yield line if whole else None
        while not whole and (line := file.readline(LONGEST_ROW)):
            whole = line.endswith(b"\n")


def _too_long(name: str, line: int) -> RejectedRow:
    reason = f"expected a row of at most {LONGEST_ROW} bytes; got a longer one; split or unquote it"
    return RejectedRow(file=name, line=line, reason=reason)
