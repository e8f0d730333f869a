"""The page that codes a note at once, in a real browser with the real engine."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from runtime.kafka_topics import counts
from runtime.settings import KafkaSettings
from schemas.topics import Topics
from tests.browser import assert_well_shown, go_to

pytestmark = pytest.mark.timeout(240)
LOADED_MS = 120_000  # the engine, once
CODED_MS = 20_000
NOTE = "Chest pain since Xylophone-day. Denies fever. Hypertension."


def _codes(page: Page) -> Locator:
    return page.get_by_role("table", name="Codes in order").get_by_role("code")


def _code(page: Page, text: str) -> None:
    note = page.get_by_role("textbox", name="Note")
    note.fill(text, timeout=LOADED_MS)
    note.press("Control+Enter")


def test_a_pasted_note_is_coded_at_once_and_is_stored_and_logged_nowhere(
    address: str, page: Page, kafka_settings: KafkaSettings, names: Topics, tmp_path: Path
) -> None:
    """Its words are marked; no topic got a record, no file of the process holds a word of it."""
    go_to(page, address, "Try a note")
    _code(page, NOTE)

    expect(_codes(page)).to_have_text(["R07.9", "I10"], timeout=CODED_MS)
    region = page.get_by_role("region", name="Note with evidence")
    expect(region.locator("mark")).to_have_text(["Chest pain", "Hypertension"])
    page.get_by_text("Why not:").click()
    expect(page.get_by_role("table", name="Codes left out")).to_contain_text("negated in the note")
    for topic in names:
        assert sum(end - first for first, end in counts(kafka_settings, topic.name).values()) == 0
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or b"Xylophone" not in file.read_bytes()


def test_moving_the_bars_moves_codes_between_bands_at_once(address: str, page: Page) -> None:
    """From submit to review where the upper bar is above its probability, and back."""
    go_to(page, address, "Try a note")
    _code(page, NOTE)
    table = page.get_by_role("table", name="Codes in order")
    expect(_codes(page)).to_have_count(2, timeout=CODED_MS)
    page.get_by_role("slider").last.press("End")
    expect(table.get_by_text("● submit")).to_have_count(0, timeout=CODED_MS)
    page.get_by_role("slider").last.press("Home")  # down to the lower bar

    expect(table.get_by_text("◆ review")).to_have_count(0, timeout=CODED_MS)
    expect(table.get_by_text("● submit")).to_have_count(2)


def test_a_sample_fills_the_form_and_the_profile_and_the_date_change_its_coding(
    address: str, page: Page
) -> None:
    """And the page is well shown with it."""
    go_to(page, address, "Try a note")
    page.get_by_role("combobox", name="Sample").click(timeout=LOADED_MS)
    page.get_by_role("option", name="Clinic: diabetes").click()
    expect(_codes(page).filter(has_text="E11.22")).to_have_count(1, timeout=CODED_MS)
    expect(page.get_by_role("spinbutton", name="Age in years")).to_have_value("67")
    page.get_by_text("every condition documented").click()
    expect(page.get_by_text("first-listed")).to_have_count(0, timeout=CODED_MS)

    day = page.get_by_test_id("stDateInput")
    day.get_by_role("spinbutton").last.press("ArrowUp")
    page.get_by_role("button", name="Code it").click()
    assert_well_shown(page)
