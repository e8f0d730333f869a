"""The live feed in a real browser."""

import os
import shutil
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from clinical_coding.claim import Profile
from runtime.kafka import KafkaSender
from runtime.settings import KafkaSettings
from schemas.claim_coded import ClaimCoded, Timings
from schemas.note_signed import NoteSigned
from schemas.topics import Topics, schema_text
from schemas.wire import RecordWriter
from streams.claim import claim_of
from tests.claims import CODED_AT
from tests.fakes.coders import FakeCoder
from tests.notes import note_event
from tests.waiting import process, wait_for

pytestmark = pytest.mark.timeout(180)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
TEXT = "Chest pain & <b>dizzy</b> 🙂\r\nDenies fever."
VISIBLE_S = 10


class _Topics:
    """Puts notes and their claims on the topics as producer and worker do."""

    def __init__(self, settings: KafkaSettings, names: Topics, ids: dict[str, int]) -> None:
        self._sender = KafkaSender(settings, "test")
        self._names = names
        self._notes = RecordWriter(
            NoteSigned, schema_text("note_signed.avsc"), ids[names.notes.subject]
        )
        self._claims = RecordWriter(
            ClaimCoded, schema_text("claim_coded.avsc"), ids[names.claims.subject]
        )

    def send(self, note_id: str) -> None:
        event, coder = note_event(TEXT, note_id=note_id), FakeCoder()
        (coding,) = coder.code([event.note()], Profile.CLAIM)
        timings = Timings(published_at=CODED_AT, batch_notes=1, engine_ms=1.0)
        claim = claim_of(event, coding, coder, CODED_AT, timings)
        key = event.encounter_id
        self._sender.send(self._names.notes.name, key, self._notes.encode(event), {})
        self._sender.send(self._names.claims.name, key, self._claims.encode(claim), {})
        self._sender.flush(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; skipped where there is none, but not in CI."""
    if CHROMIUM is None:
        reason = "no Chromium: apt install chromium"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)  # noqa: TID251 - CI's own variable
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@pytest.fixture
def address(process_variables: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """A running feed that may show notes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "ui.log"
    variables = process_variables | {"CMC_UI_PORT": str(port), "CMC_UI_SHOW_NOTES": "true"}
    address = f"http://127.0.0.1:{port}"
    with process("ui", variables=variables, log=log):
        wait_for(lambda: _answers(f"{address}/_stcore/health"), 60, "the feed's health", log)
        yield address


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - loopback
            return True
    except (urllib.error.URLError, OSError):
        return False


def _click_row(page: Page, row: int) -> None:
    """The table is a canvas: a row is found by its place."""
    box = page.get_by_test_id("stDataFrame").first.bounding_box() or {"x": 0.0, "y": 0.0}
    page.mouse.click(box["x"] + 14, box["y"] + 35 * row + 52)


def test_a_claim_appears_and_a_click_shows_its_evidence_which_stays_as_others_come(
    browser: Browser,
    address: str,
    kafka_settings: KafkaSettings,
    names: Topics,
    registered: dict[str, int],
) -> None:
    """No claims yet, then one within seconds; its words are marked, its text is only text."""
    topics = _Topics(kafka_settings, names, registered)
    errors: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.on("console", lambda message: _note_error(message, errors))
    page.goto(address)
    expect(page.get_by_text("No claims yet")).to_be_visible(timeout=60_000)

    topics.send("note-first")
    began = time.monotonic()
    page.get_by_test_id("stDataFrame").first.wait_for(timeout=VISIBLE_S * 1000)
    assert time.monotonic() - began < VISIBLE_S
    page.wait_for_timeout(1000)  # the canvas draws after it is there
    _click_row(page, 0)

    mark = page.locator("mark.cmc-mark")
    expect(mark).to_have_count(1, timeout=15_000)
    assert mark.inner_text() == TEXT.replace("\r\n", "\n")
    expect(page.locator(".cmc-dim", has_text="note-first")).to_be_visible()
    for n in range(5):
        topics.send(f"note-later-{n}")
    expect(page.get_by_text("6", exact=True).first).to_be_visible(timeout=15_000)
    expect(page.locator(".cmc-dim", has_text="note-first")).to_be_visible()
    assert page.get_by_test_id("stException").count() == 0
    assert not errors
    page.close()


def _note_error(message: ConsoleMessage, errors: list[str]) -> None:
    if message.type == "error":
        errors.append(message.text)
