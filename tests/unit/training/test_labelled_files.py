"""Labelled notes from a user's JSONL."""

import gzip
from datetime import date
from pathlib import Path

import pytest

from clinical_coding.errors import BrokenContractError, StorageError
from clinical_coding.note import Sex
from training.labelled_files import read_labelled

DAY = date(2026, 6, 1)
FULL = (
    '{"id": "a-1", "text": "Husten \\ud83e\\udd27", "codes": ["R05.9"], "age": 61, "sex": "Female", '
    '"encounter_class": "EMER", "date_of_service": "2026-04-02", "site": "x"}\n'
)
BARE = '{"id": 7, "text": "", "codes": []}\n'


@pytest.mark.parametrize("name", ["notes.jsonl", "notes.jsonl.gz"])
def test_fields_come_as_they_are_given_or_unknown(tmp_path: Path, name: str) -> None:
    raw = (FULL + BARE).encode()
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)

    full, bare = read_labelled(tmp_path / name, DAY)

    assert (full.note_id, full.codes) == ("a-1", ("R05.9",))
    assert (full.note.age_years, full.note.sex) == (61, Sex.FEMALE)
    assert (full.note.encounter_class, full.note.date_of_service) == ("EMER", date(2026, 4, 2))
    assert (bare.note_id, bare.note.age_years, bare.note.sex) == ("7", None, Sex.UNKNOWN)
    assert bare.note.date_of_service == DAY


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"id": "1", "text": "secret"}', '{"id": "1", "text": "secret", "codes": "I10"}'],
)
def test_a_bad_line_is_named_and_never_quoted(tmp_path: Path, line: str) -> None:
    (tmp_path / "notes.jsonl").write_text(BARE + line)

    with pytest.raises(BrokenContractError, match="line 2 of") as caught:
        list(read_labelled(tmp_path / "notes.jsonl", DAY))

    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_gzip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.jsonl.gz").write_text(BARE)

    with pytest.raises(StorageError, match="got BadGzipFile; check the file"):
        list(read_labelled(tmp_path / "notes.jsonl.gz", DAY))
