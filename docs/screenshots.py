"""Takes the pictures of the documentation from a running feed: `make screenshots`.

Start `codemychart demo` first and give the feed's address, and words of the row to open if you want a
particular one: python docs/screenshots.py ADDRESS [WORDS]
"""

import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
BOTH_BANDS = "Outpatient: .*submit.*review"
WIDTHS = {"feed": 1280, "feed-wide": 1920}


def main(address: str, row: str = BOTH_BANDS) -> None:
    """A claim opened in light and dark, at two widths."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        for scheme in ("light", "dark"):
            for name, width in WIDTHS.items():
                page = browser.new_page(
                    viewport={"width": width, "height": 900}, color_scheme=scheme
                )
                page.goto(address)
                open_claim(page, row)
                page.screenshot(path=IMAGES / f"{name}{'' if scheme == 'light' else '-dark'}.png")
        browser.close()


def chromium() -> str | None:
    """The machine's own browser."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def open_claim(page: Page, row: str) -> None:
    """Choose the newest claim whose row reads so, and wait for its note."""
    page.get_by_role("radio", name=re.compile(row)).first.check(timeout=60_000)
    page.get_by_role("region", name="Note with evidence").wait_for(timeout=15_000)
    page.mouse.move(0, 0)
    page.wait_for_timeout(400)


if __name__ == "__main__":
    main(*sys.argv[1:])
