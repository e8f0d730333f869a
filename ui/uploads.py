"""An uploaded file as rows of notes: JSON Lines, CSV, or a ZIP of text files."""

import zipfile
import zlib
from pathlib import PurePosixPath
from typing import BinaryIO

from clinical_coding.note import PatientRef
from schemas.note_rows import LONGEST_TEXT, UNKNOWN, RejectedRow, event_of
from schemas.note_signed import NoteSigned
from schemas.note_tables import Clock, Rows, read_csv, read_jsonl

SUFFIXES = (".jsonl", ".ndjson", ".csv", ".tsv", ".zip")
TEXT_SUFFIXES = (".txt", ".text")
MOST_FILES = 20_000  # of one ZIP
DAMAGED = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError)


def read_upload(name: str, file: BinaryIO, now: Clock) -> Rows:
    """The notes of an upload in its order, a RejectedRow where one is bad; told by its name's end.

    In a ZIP each text file is a note under its own name.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".zip":
        return _read_zip(name, file, now)
    read = read_csv if suffix in (".csv", ".tsv") else read_jsonl
    return read(file, name, now, _nobody)


def _nobody(_: str) -> PatientRef:
    """A coding asks for no patient: an identifier in a row is left unread."""
    return UNKNOWN


def _read_zip(name: str, file: BinaryIO, now: Clock) -> Rows:
    try:
        archive = zipfile.ZipFile(file)
    except DAMAGED as error:
        yield _rejected(name, f"expected a ZIP; got {type(error).__name__}; pack it again")
        return
    with archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        yield from (_note(archive, entry, now) for entry in entries[:MOST_FILES])
    if len(entries) > MOST_FILES:
        more = len(entries) - MOST_FILES
        yield _rejected(name, f"expected at most {MOST_FILES} files; got {more} more; split it")


def _note(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, now: Clock) -> NoteSigned | RejectedRow:
    name = entry.filename
    if PurePosixPath(name).suffix.lower() not in TEXT_SUFFIXES:
        return _rejected(name, "expected a text file; got another one; name it *.txt if it is one")
    try:
        with archive.open(entry) as opened:
            text = opened.read(LONGEST_TEXT + 1).decode(
                "utf-8-sig"
            )  # a bomb is no larger than that
    except UnicodeDecodeError:
        return _rejected(name, "expected UTF-8; got other bytes; save the file as UTF-8")
    except DAMAGED as error:
        fault = type(error).__name__
        return _rejected(name, f"expected a readable file; got {fault}; pack it again")
    made = event_of({"note_id": name, "text": text}, now())
    return _rejected(name, made) if isinstance(made, str) else made


def _rejected(file: str, reason: str) -> RejectedRow:
    return RejectedRow(file=file, line=1, reason=reason)
