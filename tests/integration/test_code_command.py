"""`codemychart code` with the shipped bundle: what a user sees, and notes that nobody likes."""

import json
import subprocess
import sys
from datetime import date

import pytest

from clinical_coding.claim import Coding, Profile
from clinical_coding.engine import code_batch
from clinical_coding.note import Note
from runtime.model_bundle import ModelBundle, load_bundle
from runtime.progress import silent
from runtime.settings import FolderSettings, ModelSettings

DAY = date(2026, 6, 1)
CHEST = "Chest pain and shortness of breath for 2 days. Denies fever."


@pytest.fixture(scope="module")
def bundle(own_folders: FolderSettings) -> ModelBundle:
    """The shipped bundle; its title vectors are computed once a machine."""
    return load_bundle(ModelSettings(), own_folders, silent)


def _coded(bundle: ModelBundle, *texts: str) -> list[Coding]:
    notes = [Note(text=text, date_of_service=DAY) for text in texts]
    return list(code_batch(notes, bundle.parts, Profile.CLAIM))


def _run(*arguments: str, given: bytes) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "cli", "code", *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=False)


def test_a_text_gives_its_codes_with_the_words_marked_and_no_denied_finding() -> None:
    """R07.9 and R06.02 for the readme's note; fever is told as left out."""
    done = _run("-", given=CHEST.encode())

    assert done.returncode == 0, done.stderr
    shown = done.stdout.decode()
    assert "[Chest pain]{R07.9}" in shown
    assert "[shortness of breath]{R06.02}" in shown
    assert "{R50.9}" not in shown


def test_jsonl_in_is_jsonl_out_and_a_bad_line_is_told_by_its_number() -> None:
    rows = [{"id": "a", "text": CHEST, "age": 58, "sex": "female"}, {"id": "b", "text": ""}]
    given = "\n".join([json.dumps(rows[0]), "not json, secret", json.dumps(rows[1])]).encode()

    done = _run("--jsonl", "-", given=given)

    assert done.returncode == 1
    out = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["id"], [d["code"] for d in row["diagnoses"]]) for row in out] == [
        ("a", ["R07.9", "R06.02"]),
        ("b", []),
    ]
    assert b"-:2:" in done.stderr
    assert b"secret" not in done.stderr


@pytest.mark.parametrize(
    "text",
    ["", " \r\n", "\x00" * 50, "\ud800 chest pain", "ألم في الصدر", "e\u0301" * 100, "A" * 5000],
)
def test_odd_texts_get_a_coding_whose_spans_lie_in_them(bundle: ModelBundle, text: str) -> None:
    (coding,) = _coded(bundle, text)

    spans = [(e.start, e.end) for d in coding.diagnoses for e in d.evidence]
    assert all(0 <= start < end <= len(text) for start, end in spans)


def test_offsets_are_right_behind_emoji_and_crlf(bundle: ModelBundle) -> None:
    text = "🙂🙂\r\nCC: Chest pain\r\n"

    (coding,) = _coded(bundle, text)

    (evidence,) = coding.diagnoses[0].evidence
    assert text[evidence.start : evidence.end] == "Chest pain"


def test_a_note_is_coded_alike_alone_and_in_any_batch(bundle: ModelBundle) -> None:
    """Bit for bit, so that a replay makes the same claims."""
    texts = [CHEST, "Right knee pain. Mother had breast cancer.", "", "HTN and DM2, stable."]
    together = _coded(bundle, *texts)

    assert [_coded(bundle, text)[0] for text in texts] == together
    assert _coded(bundle, *texts[::-1])[::-1] == together


def test_a_relatives_condition_is_not_the_patients(bundle: ModelBundle) -> None:
    (coding,) = _coded(bundle, "Right knee pain. Mother had breast cancer.")

    assert [d.code for d in coding.diagnoses] == ["M25.561", "Z80.3"]


def test_a_date_outside_the_code_set_is_told_on_the_coding(bundle: ModelBundle) -> None:
    note = Note(text=CHEST, date_of_service=date(1999, 1, 1))

    (coding,) = code_batch([note], bundle.parts, Profile.CLAIM)

    assert "code-set-not-in-force" in coding.warnings
