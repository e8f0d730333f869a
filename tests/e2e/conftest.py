"""What tests of the pages share: a browser, a page without errors, running servers."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from runtime.settings import KafkaSettings
from schemas.topics import Topics
from tests.browser import SentTopics, running_ui

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
SEEN_MS = 15_000  # pages look again every 2 to 5 s, on machines that do other work as well
expect.set_options(timeout=SEEN_MS)


@pytest.fixture
def sent(kafka_settings: KafkaSettings, names: Topics, registered: dict[str, int]) -> SentTopics:
    """Notes, claims and reviews can be put on the test's own topics."""
    return SentTopics(kafka_settings, names, registered)


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
    """A running UI that may show notes."""
    variables = process_variables | {"CMC_UI_SHOW_NOTES": "true"}
    with running_ui(variables, tmp_path / "ui.log") as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page whose console must stay free of errors."""
    errors: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.on("console", lambda message: _note_error(message, errors))
    yield page
    page.close()
    assert not errors


def _note_error(message: ConsoleMessage, errors: list[str]) -> None:
    if message.type == "error":
        errors.append(message.text)
