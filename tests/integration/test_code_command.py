"""`codemychart code` with the shipped bundle: what a user sees, and notes that nobody likes."""

import json
import subprocess
import sys
import tracemalloc
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest

from cli.coded_rows import BATCH, code_rows
from clinical_coding.claim import Coding, Profile
from clinical_coding.engine import code_batch
from clinical_coding.note import Note
from runtime.model_bundle import ModelBundle, load_bundle
from runtime.progress import silent
from runtime.settings import FolderSettings, ModelSettings

DAY = date(2026, 6, 1)
CHEST = "Chest pain and shortness of breath for 2 days. Denies fever."
DIABETES = "T2DM with CKD stage 3a, on insulin. Possible pneumonia. Denies fever."
ANSWER_S = 60


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
    marked, left_out = shown.split("[Chest pain]{R07.9}")
    assert "1st" in marked
    assert "negated in the note" in left_out


def test_payment_categories_and_the_code_that_is_listed_first_are_in_the_table() -> None:
    shown = _run("-", given=DIABETES.encode()).stdout.decode().splitlines()

    assert [line.split()[:2] for line in shown if line.startswith(("1st", "2"))] == [
        ["1st", "E11.22"],
        ["2", "N18.31"],
    ]
    assert " 37 " in next(line for line in shown if "E11.22" in line)


def test_a_title_is_shown_whole_with_what_it_has_in_brackets() -> None:
    shown = _run("-", given=b"Common cold.").stdout.decode()

    assert "Acute nasopharyngitis [common cold]" in " ".join(shown.split())


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("n1831", ["in: number 2", '"CKD stage 3a": present', "phrases that name it as present"]),
        ("E11.22", ["in: number 1", "diabetes with its complications: added", "E11.9"]),
        ("j18.9", ["out: IV.H uncertain diagnosis of an outpatient", '"pneumonia": possible']),
        ("R509", ["out: negated in the note", '"fever": absent']),
        ("e11", ["out: cannot be billed", "E11.00", "the coding has: E11.22"]),
        ("C18.9", ["out: no phrase or clause of the note leads to it"]),
    ],
)
def test_explain_tells_why_a_code_is_in_or_out(typed: str, told: Sequence[str]) -> None:
    done = _run("-", "--explain", typed, given=DIABETES.encode())

    assert done.returncode == 0, done.stderr
    assert [words for words in told if words not in done.stdout.decode()] == []


def test_explain_as_json_is_one_object_that_says_the_same() -> None:
    done = _run("-", "--explain", "e119", "--json", given=DIABETES.encode())

    told = json.loads(done.stdout)
    assert (told["code"], told["rank"]) == ("E11.9", None)
    assert (
        told["leads"][0] | {"words": "T2DM", "source": "phrase", "assertion": "present"}
        == (told["leads"][0])
    )
    assert told["rules"][-1]["rule"].startswith("diabetes")  # the combination code takes its place
    assert 0 < told["score"]["probability"] < 1
    assert {"feature", "says", "value", "adds"} == set(told["score"]["contributions"][0])


@pytest.mark.parametrize("arguments", [["--explain", "zz9"], ["--explain", "i10", "--jsonl"]])
def test_explaining_an_unknown_code_or_many_notes_is_wrong_usage(arguments: list[str]) -> None:
    done = _run("-", *arguments, given=DIABETES.encode())

    assert (done.returncode, done.stdout) == (2, b"")
    assert b"T2DM" not in done.stderr


def test_an_unknown_code_is_told_in_one_line() -> None:
    done = _run("-", "--explain", "E11.2X", given=DIABETES.encode())

    assert done.stderr.decode().splitlines() == [
        "error: expected a code of ICD-10-CM FY2026-April; got 'E11.2X'; check its spelling"
    ]


def test_rows_are_answered_while_more_are_to_come() -> None:
    """The first batch's codings are out before stdin ends."""
    line = json.dumps({"id": "a", "text": CHEST}).encode() + b"\n"
    command = [sys.executable, "-m", "cli", "code", "--jsonl", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line * BATCH)
        process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for _ in range(BATCH)]
        process.stdin.close()
        assert process.wait(ANSWER_S) == 0

    assert {row["id"] for row in answers} == {"a"}


def test_a_hundred_thousand_rows_are_never_held_together(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The most that is held is a few batches, of 80 MB that are read."""
    file = tmp_path / "notes.jsonl"
    with file.open("w") as out:
        out.writelines(f'{{"id": "n{at}", "text": "{"pain " * 150}"}}\n' for at in range(100_000))
    most = 0

    def coded(notes: Sequence[Note]) -> list[Coding]:
        nonlocal most
        most = max(most, len(notes))
        one = Coding(profile=Profile.CLAIM, code_set="", diagnoses=(), dropped=())
        return [one] * len(notes)

    tracemalloc.start()
    status = code_rows(file, datetime(2026, 6, 1), coded)  # noqa: DTZ001 - a day, as click gives it
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (status, most) == (0, BATCH)
    assert peak_bytes < file.stat().st_size / 20
    assert capfd.readouterr().out.count("\n") == 100_000


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
