"""The page that codes an uploaded file, in a real browser with the real engine."""

import io
import json
import zipfile
from pathlib import Path

import pyarrow.parquet
import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser import assert_well_shown, go_to

pytestmark = pytest.mark.timeout(240)
LOADED_MS = 120_000
CODED_MS = 60_000
NOTES = [
    {"id": f"n{n}", "text": text}
    for n, text in enumerate(["Chest pain since Xylophone-day.", "Hypertension.", "Well."] * 20)
]


def _upload(page: Page, address: str, name: str, raw: bytes) -> None:
    go_to(page, address, "Batch")
    chooser = page.get_by_test_id("stFileUploader").locator("input[type=file]")
    chooser.wait_for(state="attached", timeout=LOADED_MS)
    chooser.set_input_files(FilePayload(name=name, mimeType="text/plain", buffer=raw))


def _taken(page: Page, name: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    return Path(download.value.path()).read_bytes()


def test_an_uploaded_file_is_coded_bad_rows_are_listed_and_the_result_is_taken_in_three_forms(
    address: str, page: Page, tmp_path: Path
) -> None:
    """Nothing of it is in any file of the process."""
    lines = [*map(json.dumps, NOTES), "{broken", '{"id": "n99"}']
    _upload(page, address, "notes.jsonl", "\n".join(lines).encode())

    status = page.get_by_text("60 notes coded, 40 codes; 2 bad rows left out.")
    expect(status).to_be_visible(timeout=CODED_MS)
    bad = page.get_by_role("table", name="Bad rows")
    expect(bad).to_contain_text("notes.jsonl:61")
    expect(bad).to_contain_text("notes.jsonl:62")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=CODED_MS)

    assert _taken(page, "CSV").decode().splitlines()[0].startswith('"note_id","rank","code"')
    coded = [json.loads(line) for line in _taken(page, "JSON Lines").splitlines()]
    assert [line["id"] for line in coded] == [note["id"] for note in NOTES]
    table = pyarrow.parquet.read_table(io.BytesIO(_taken(page, "Parquet")))
    assert table["code"].to_pylist()[:3] == ["R07.9", "I10", None]
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or b"Xylophone" not in file.read_bytes()


def test_a_zip_of_text_files_is_coded_and_the_page_is_well_shown(address: str, page: Page) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("ward/a.txt", "Chest pain.")
        archive.writestr("ward/b.pdf", b"%PDF")
    _upload(page, address, "ward.zip", made.getvalue())

    expect(page.get_by_text("1 note coded, 1 code; 1 bad row left out.")).to_be_visible(
        timeout=CODED_MS
    )
    expect(page.get_by_role("table", name="Bad rows")).to_contain_text("ward/b.pdf")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=CODED_MS)
    assert_well_shown(page)
