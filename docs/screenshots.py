"""Takes the pictures of the documentation from a running feed: `make screenshots`.

Start `codemychart demo` first and give the feed's address: python docs/screenshots.py ADDRESS
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
WIDTHS = {"feed": 1280, "feed-wide": 1920}


def main(address: str) -> None:
    """A claim opened in light and dark, at two widths."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        for scheme in ("light", "dark"):
            for name, width in WIDTHS.items():
                page = browser.new_page(
                    viewport={"width": width, "height": 900}, color_scheme=scheme
                )
                page.goto(address)
                open_claim(page, row=4)
                page.screenshot(path=IMAGES / f"{name}{'' if scheme == 'light' else '-dark'}.png")
        browser.close()


def chromium() -> str | None:
    """The machine's own browser."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def open_claim(page: Page, row: int) -> None:
    """Choose a row of the feed's list and wait for the claim's note."""
    page.get_by_role("radio").nth(row).check(timeout=30_000)
    page.get_by_role("region", name="Note with evidence").wait_for(timeout=15_000)
    page.wait_for_timeout(1500)


if __name__ == "__main__":
    main(sys.argv[1])
