"""A bundle held against labelled notes."""

import gzip
import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import IO

from clinical_coding.claim import Coding, Profile
from clinical_coding.engine import EngineParts, code_batch
from clinical_coding.errors import BrokenContractError
from clinical_coding.note import IcdCode, LabelledNote, Note, NoteId, Sex
from runtime.progress import Progress
from training.metrics import Report, report
from training.pairs import batches


def evaluate(
    notes: Sequence[LabelledNote], parts: EngineParts, profile: Profile, progress: Progress
) -> Report:
    """Code the notes and compare."""
    return report(_coded(notes, parts, profile, progress))


def _coded(
    notes: Sequence[LabelledNote], parts: EngineParts, profile: Profile, progress: Progress
) -> Iterator[tuple[LabelledNote, Coding]]:
    done = 0
    for batch in batches(notes):
        yield from zip(batch, code_batch([n.note for n in batch], parts, profile), strict=True)
        done += len(batch)
        progress("coding notes", done, len(notes))


def read_labelled(path: Path, day: date) -> Iterator[LabelledNote]:
    """Notes of a JSONL file, gzipped or not: ``id, text, codes`` and, where known, age and sex.

    ``day`` is the date of service of notes that have none. Raises BrokenContractError, naming the
    line, for one that has no such fields.
    """
    with _opened(path) as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield _labelled(json.loads(line), day)
            except (ValueError, KeyError, TypeError) as error:
                raise BrokenContractError(
                    f"expected id, text and codes in line {number} of {path}; got "
                    f"{type(error).__name__}; correct the line"
                ) from None


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _labelled(row: dict[str, object], day: date) -> LabelledNote:
    age, codes, sex = row.get("age"), row["codes"], str(row.get("sex", "")).lower()
    if not isinstance(codes, list):
        raise TypeError(type(codes).__name__)
    return LabelledNote(
        note_id=NoteId(str(row["id"])),
        note=Note(
            text=str(row["text"]),
            encounter_class=str(row.get("encounter_class", "AMB")),
            date_of_service=date.fromisoformat(str(row.get("date_of_service", day))),
            age_years=int(age) if isinstance(age, int | float) else None,
            sex=Sex(sex) if sex in set(Sex) else Sex.UNKNOWN,
        ),
        codes=tuple(IcdCode(str(code)) for code in codes),
    )
