"""A patient's pseudonym: always the same under one key, and telling nothing without it."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.__main__ import notes_of
from producers.patient_refs import patient_ref, refs_by
from runtime.key_files import Key, add_key
from schemas.note_rows import RejectedRow, event_of
from schemas.note_signed import NoteSigned
from schemas.note_tables import read_csv

NOW = datetime(2026, 3, 2, tzinfo=UTC)
OLD, NEW = (Key(identity=name, secret=name.encode() * 6) for name in ("2026a", "2026b"))
ROW: dict[str, object] = {"note_id": "n1", "text": "Cough.", "patient_id": "MRN-00417"}


def test_a_reference_is_the_first_half_of_hmac_sha256_after_the_keys_id() -> None:
    """RFC 4231, test case 6."""
    key = Key(identity="k", secret=b"\xaa" * 131)

    told = patient_ref("Test Using Larger Than Block-Size Key - Hash Key First", key)

    assert told == "k-60e431591ee0b67f0d8a26aacbf5b77f"


@given(st.text(min_size=1), st.text(min_size=1))
def test_two_identifiers_have_one_reference_only_if_they_are_one_but_for_blanks(
    one: str, other: str
) -> None:
    assert (patient_ref(one, NEW) == patient_ref(other, NEW)) == (one.strip() == other.strip())


def test_the_newest_key_makes_references_and_each_key_its_own() -> None:
    assert refs_by((OLD, NEW))("1") == patient_ref("1", NEW)
    assert patient_ref("1", OLD) != patient_ref("1", NEW)


def test_a_notes_patient_is_named_by_pseudonym_and_the_identifier_goes_no_further() -> None:
    event = event_of(ROW, NOW, refs_by((OLD, NEW)))

    assert isinstance(event, NoteSigned)
    assert event.patient_ref == patient_ref("MRN-00417", NEW)
    assert "00417" not in repr(event)


def test_an_identifier_without_a_key_is_refused_and_not_quoted() -> None:
    reason = event_of(ROW, NOW)

    assert isinstance(reason, str)
    assert "CMC_PRODUCER_PATIENT_KEYS" in reason
    assert "00417" not in reason


def test_a_pseudonym_that_the_row_has_itself_is_kept() -> None:
    event = event_of(ROW | {"patient_ref": "p-1"}, NOW)

    assert isinstance(event, NoteSigned)
    assert event.patient_ref == "p-1"


def test_a_csvs_column_of_record_numbers_is_one_of_identifiers() -> None:
    table = io.BytesIO(b"id,text,MRN\nn1,Cough.,417\nn2,Cough.,\n")

    found = list(read_csv(table, "f", lambda: NOW, refs_by((NEW,))))

    assert [e.patient_ref for e in found if not isinstance(e, RejectedRow)] == [
        patient_ref("417", NEW),
        "unknown",
    ]


def test_json_lines_and_keys_of_the_settings_meet_in_what_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_key(tmp_path / "keys", "2026a")
    (tmp_path / "notes.jsonl").write_text(json.dumps(ROW))
    monkeypatch.setenv("CMC_PRODUCER_PATIENT_KEYS", str(tmp_path / "keys"))

    (event,) = notes_of([str(tmp_path / "notes.jsonl")])

    assert isinstance(event, NoteSigned)
    assert event.patient_ref.startswith("2026a-")
