"""Uploads: rows of a file as they are, text files of a ZIP as notes, and what is rejected."""

import io
import json
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.note_rows import LONGEST_TEXT, RejectedRow
from schemas.note_signed import NoteSigned
from ui.uploads import read_upload

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
PATIENT = "Mrs Qwyzzx has dropsy"


def _read(name: str, raw: bytes) -> list[NoteSigned | RejectedRow]:
    return list(read_upload(name, io.BytesIO(raw), lambda: NOON))


def _zip(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return made.getvalue()


def _texts(rows: list[NoteSigned | RejectedRow]) -> dict[str, str]:
    return {row.note_id: row.text for row in rows if isinstance(row, NoteSigned)}


def _reasons(rows: list[NoteSigned | RejectedRow]) -> list[str]:
    return [str(row) for row in rows if isinstance(row, RejectedRow)]


def test_a_files_name_tells_its_form() -> None:
    line = json.dumps({"id": "n", "text": "Cough."}).encode()

    assert _texts(_read("n.JSONL", line)) == {"n": "Cough."}
    assert _texts(_read("n.csv", b"note_id,text\nn,Cough.\n")) == {"n": "Cough."}
    assert _texts(_read("n.zip", _zip(**{"n.txt": b"Cough."}))) == {"n.txt": "Cough."}


@given(st.dictionaries(st.sampled_from(["a.txt", "b/c.TXT", "ü.text"]), st.text(st.characters(exclude_categories=["Cs"]))))  # fmt: skip
def test_each_text_file_of_a_zip_is_a_note_under_its_name_character_for_character(
    texts: dict[str, str],
) -> None:
    raw = _zip(**{name: text.encode() for name, text in texts.items()})

    assert _texts(_read("n.zip", raw)) == {n: t.removeprefix("\ufeff") for n, t in texts.items()}


def test_what_is_no_text_is_rejected_by_name_and_the_rest_goes_on() -> None:
    rows = _read("n.zip", _zip(**{"a.pdf": b"%PDF", "b.txt": b"\xff\xfe", "c.txt": b"Cough."}))

    assert _texts(rows) == {"c.txt": "Cough."}
    assert [reason.split(":")[0] for reason in _reasons(rows)] == ["a.pdf", "b.txt"]


def test_a_bomb_is_rejected_for_its_size_without_being_held() -> None:
    (reason,) = _reasons(_read("n.zip", _zip(**{"a.txt": b"a" * (20 * LONGEST_TEXT)})))

    assert f"at most {LONGEST_TEXT} bytes" in reason


@pytest.mark.parametrize("damage", [lambda raw: raw[:40], lambda _: b"", lambda _: b"PK\x03\x04"])
def test_what_is_no_zip_is_one_bad_row(damage: object) -> None:
    assert callable(damage)
    (reason,) = _reasons(_read("n.zip", damage(_zip(**{"a.txt": b"Cough."}))))

    assert "expected a ZIP" in reason


def test_a_damaged_entry_is_rejected_and_its_words_are_not_told() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.txt", PATIENT)
    raw = made.getvalue().replace(b"dropsy", b"gropsy")  # its checksum is off
    (reason,) = _reasons(_read("n.zip", raw))

    assert "BadZipFile" in reason
    assert "Qwyzzx" not in reason
