"""A user's own files of notes, and stdin."""

import io
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO

from clinical_coding.errors import MisconfiguredError
from schemas.note_rows import PatientRefs, no_refs
from schemas.note_tables import BOM, Clock, Rows, read_csv, read_jsonl

STDIN = "-"


def read_notes(path: str, now: Clock, refs: PatientRefs = no_refs) -> Rows:
    """The notes of one file, "-" for stdin, in its order, a RejectedRow where one is bad.

    Without ``refs`` a row with a patient's identifier is bad.
    ``*.csv`` and ``*.tsv`` are CSV, everything else JSON Lines; stdin is told by its first
    character. Raises MisconfiguredError when the file cannot be opened.
    """
    with _opened(path) as raw:
        file = io.BufferedReader(raw) if isinstance(raw, io.RawIOBase) else raw
        yield from (read_csv if _is_csv(path, file) else read_jsonl)(file, path, now, refs)


def _is_csv(path: str, file: BinaryIO) -> bool:
    if path != STDIN:
        return Path(path).suffix.lower() in {".csv", ".tsv"}
    if not isinstance(file, io.BufferedReader):
        return False
    begin = file.peek(16)[:16].removeprefix(BOM).lstrip()
    return not begin.startswith(b"{")


def _opened(path: str) -> AbstractContextManager[BinaryIO]:
    if path == STDIN:
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise MisconfiguredError(
            f"expected a file of notes at {path}; got {type(error).__name__}; check the path"
        ) from None
