"""The page of operations in a real browser against real topics."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from runtime.kept_reconciliation import keep
from runtime.settings import KafkaSettings
from schemas.topics import Topics
from tests.browser import SentTopics, assert_well_shown, go_to, refuse

pytestmark = pytest.mark.timeout(240)
LOADED_MS = 60_000
NOW = datetime(2026, 3, 2, 15, 6, tzinfo=UTC)


def test_lag_processes_reconciliation_and_dead_letters_are_told_and_put_back_by_class(
    address: str,
    page: Page,
    sent: SentTopics,
    kafka_settings: KafkaSettings,
    names: Topics,
    tmp_path: Path,
) -> None:
    """Three notes that no worker has coded are three behind; what is put back makes one more."""
    for n in range(3):
        sent.send(f"note-{n}")
    refuse(kafka_settings, names, 1, "UndecodableEventError")
    refuse(kafka_settings, names, 2, "BrokenContractError")
    keep({"notes": 3, "claims": 2, "missing": 1}, NOW, tmp_path / "state")
    go_to(page, address, "Operations")

    lag = page.get_by_role("table", name="Lag of the coding workers")
    expect(lag.get_by_role("row", name="all")).to_contain_text("3", timeout=LOADED_MS)
    letters = page.get_by_role("table", name="Dead letters")
    expect(letters).to_contain_text("UndecodableEventError", timeout=15_000)
    expect(letters).to_contain_text("BrokenContractError")
    here = page.get_by_role("table", name="On this machine")
    expect(here.get_by_role("row", name="ui")).to_contain_text("● running")
    expect(here.get_by_role("row", name="worker")).to_contain_text("○ stopped")
    reconciled = page.get_by_role("table", name="Last reconciliation")
    expect(reconciled.get_by_role("row", name="missing")).to_contain_text("1")
    page.get_by_text("The newest, one by one").click()
    expect(page.get_by_role("table", name="Newest dead letters")).to_contain_text("0:2")
    page.get_by_role("button", name="Put back UndecodableEventError").click()
    expect(page.get_by_role("alert")).to_contain_text("1 letter that UndecodableEventError refused")
    assert_well_shown(page)
    page.get_by_role("button", name="Put back", exact=True).click()
    expect(page.get_by_text("1 letter put back.")).to_be_visible(timeout=LOADED_MS)
    expect(letters).not_to_contain_text("UndecodableEventError", timeout=15_000)
    expect(letters).to_contain_text("BrokenContractError")
    expect(lag.get_by_role("row", name="all")).to_contain_text("4", timeout=15_000)
