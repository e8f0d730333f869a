"""Labelled notes of the user's: JSONL, gzipped or not."""

import gzip
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import IO

from clinical_coding.errors import BrokenContractError, StorageError
from clinical_coding.note import IcdCode, LabelledNote, Note, NoteId, Sex


def read_labelled(path: Path, day: date) -> Iterator[LabelledNote]:
    """Notes with ``id, text, codes`` and, where known, age, sex, encounter_class, date_of_service.

    ``day`` is the date of service of notes that have none. Raises BrokenContractError, naming the
    line, for one that has no such fields, StorageError for a file that cannot be read.
    """
    try:
        with _opened(path) as lines:
            yield from (
                _labelled_line(line, number, path, day) for number, line in enumerate(lines, 1)
            )
    except (OSError, EOFError) as error:
        raise StorageError(
            f"expected JSONL, gzipped or not, at {path}; got {type(error).__name__}; check the file"
        ) from None


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _labelled_line(line: str, number: int, path: Path, day: date) -> LabelledNote:
    try:
        return _labelled(json.loads(line), day)
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenContractError(
            f"expected a JSON object with id, text and codes in line {number} of {path}; got "
            f"{type(error).__name__}; correct the line"
        ) from None


def _labelled(row: object, day: date) -> LabelledNote:
    if not isinstance(row, dict):
        raise TypeError
    age, codes, sex = row.get("age"), row["codes"], str(row.get("sex", "")).lower()
    if not isinstance(codes, list):
        raise TypeError
    return LabelledNote(
        note_id=NoteId(str(row["id"])),
        note=Note(
            text=str(row["text"]),
            encounter_class=str(row.get("encounter_class") or "AMB"),
            date_of_service=date.fromisoformat(str(row.get("date_of_service") or day)),
            age_years=int(age) if isinstance(age, int | float) else None,
            sex=Sex(sex) if sex in set(Sex) else Sex.UNKNOWN,
        ),
        codes=tuple(IcdCode(str(code)) for code in codes),
    )
