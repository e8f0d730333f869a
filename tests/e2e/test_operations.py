"""The page of operations in a real browser against real topics."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from runtime.kafka import KafkaSender
from runtime.kept_reconciliation import keep
from runtime.settings import KafkaSettings
from schemas.dead_letter import DeadLetter
from schemas.topics import Topics
from tests.browser import SentTopics, assert_well_shown, go_to

pytestmark = pytest.mark.timeout(240)
LOADED_MS = 60_000
NOW = datetime(2026, 3, 2, 15, 6, tzinfo=UTC)


def _refuse(settings: KafkaSettings, names: Topics, offset: int, error_class: str) -> None:
    letter = DeadLetter(source_topic=names.notes.name, source_partition=0, source_offset=offset,
                        error_class=error_class, worker="w", first_seen=NOW, last_seen=NOW,
                        attempt=1)  # fmt: skip
    sender = KafkaSender(settings, "test")
    sender.send(names.dead_letters.name, "k", b"garbage", letter.headers())
    sender.flush(10)


def test_lag_dead_letters_processes_and_the_last_reconciliation_are_told(
    address: str,
    page: Page,
    sent: SentTopics,
    kafka_settings: KafkaSettings,
    names: Topics,
    tmp_path: Path,
) -> None:
    """Three notes that no worker has coded are three behind; and the page is well shown."""
    for n in range(3):
        sent.send(f"note-{n}")
    _refuse(kafka_settings, names, 1, "UndecodableEventError")
    _refuse(kafka_settings, names, 2, "BrokenContractError")
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
    assert_well_shown(page)
