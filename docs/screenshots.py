"""Takes the pictures of the documentation from a running demo: `make screenshots`.

Start `codemychart demo` first, let it land, `codemychart reconcile` and `codemychart replay`.
"""

import argparse
import json
import re
import shutil
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
BOTH_BANDS = "Outpatient: .*submit.*review"
COLOURS = 256  # a page has few: a third of the bytes, and nobody sees it
WIDTH, WIDE, HEIGHT = 1280, 1920, 900
WIDE_ONES = ("feed", "worklist")
LOADED_MS = 120_000
SETTLED_MS = 2500  # charts and tables draw themselves late
NOTES = [
    {"id": "clinic-1", "text": "T2DM with CKD stage 3a, on insulin. Denies chest pain."},
    {"id": "clinic-2", "text": "Chest pain and shortness of breath for 2 days. No fever."},
    {"id": "ward-7", "text": "COPD with acute exacerbation. Atrial fibrillation on apixaban."},
    {"id": "ward-8"},
]


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="example: python docs/screenshots.py http://127.0.0.1:8501"
    )
    parser.add_argument("address", help="where the demo serves its pages")
    parser.add_argument(
        "--row", default=BOTH_BANDS, help="words of the feed's claim that is opened, a pattern"
    )
    given = parser.parse_args()
    take_all(given.address, given.row)


def take_all(address: str, row: str) -> None:
    """Every page in light and dark, those that people look at all day at two widths."""
    pages: Mapping[str, tuple[str, Callable[[Page], None]]] = {
        "feed": ("Live feed", lambda page: open_claim(page, row)),
        "worklist": ("Worklist", begin_review),
        "try-note": ("Try a note", try_sample),
        "batch": ("Batch", upload),
        "analysis": ("Analysis", look_at_evaluation),
        "analysis-change": ("Analysis", look_at_change),
        "operations": ("Operations", wait_for_lag),
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        for scheme, ending in (("light", ""), ("dark", "-dark")):
            for name, (title, prepare) in pages.items():
                take(browser, scheme, WIDTH, address, title, prepare, f"{name}{ending}.png")
            for name in WIDE_ONES:
                title, prepare = pages[name]
                take(browser, scheme, WIDE, address, title, prepare, f"{name}-wide{ending}.png")
        browser.close()


def take(  # noqa: PLR0913 - what a picture is of
    browser: Browser,
    scheme: str,
    width: int,
    address: str,
    title: str,
    prepare: Callable[[Page], None],
    name: str,
) -> None:
    """One picture of one page."""
    page = browser.new_page(viewport={"width": width, "height": HEIGHT})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(address)
    page.get_by_role("link", name=title, exact=True).click(timeout=LOADED_MS)
    prepare(page)
    page.mouse.move(0, 0)
    page.wait_for_timeout(SETTLED_MS)
    raw = page.screenshot()
    page.close()
    full = Image.open(BytesIO(raw)).convert("RGB")
    small = full.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    small.save(IMAGES / name, optimize=True)


def chromium() -> str | None:
    """The machine's own browser."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def open_claim(page: Page, row: str) -> None:
    """Choose the newest claim whose row reads so, and wait for its note."""
    page.get_by_role("radio", name=re.compile(row)).first.check(timeout=LOADED_MS)
    page.get_by_role("region", name="Note with evidence").wait_for(timeout=LOADED_MS)


def begin_review(page: Page) -> None:
    """Give a coder id, reject a code and look for another one."""
    who = page.get_by_role("textbox", name="Coder id")
    who.fill("coder-7", timeout=LOADED_MS)
    who.press("Enter")
    page.get_by_text("Give your coder id").wait_for(state="detached", timeout=LOADED_MS)
    page.get_by_text("to decide").first.wait_for(timeout=LOADED_MS)
    page.keyboard.press("x")


def try_sample(page: Page) -> None:
    """Code a sample."""
    page.get_by_role("combobox", name="Sample").click(timeout=LOADED_MS)
    page.get_by_role("option", name="Emergency: chest pain").click()
    page.get_by_role("region", name="Note with evidence").wait_for(timeout=LOADED_MS)


def upload(page: Page) -> None:
    """Code a small file."""
    chooser = page.get_by_test_id("stFileUploader").locator("input[type=file]")
    chooser.wait_for(state="attached", timeout=LOADED_MS)
    raw = "\n".join(map(json.dumps, NOTES)).encode()
    chooser.set_input_files(FilePayload(name="notes.jsonl", mimeType="text/plain", buffer=raw))
    page.get_by_test_id("stDataFrame").wait_for(timeout=LOADED_MS)


def look_at_evaluation(page: Page) -> None:
    """Wait for the pictures and go down to them."""
    page.get_by_test_id("stVegaLiteChart").nth(4).wait_for(state="attached", timeout=LOADED_MS)
    page.wait_for_timeout(SETTLED_MS)
    page.get_by_role("heading", name="Evaluation").scroll_into_view_if_needed()
    page.mouse.move(WIDTH / 2, HEIGHT / 2)
    page.mouse.wheel(0, HEIGHT * 0.75)


def look_at_change(page: Page) -> None:
    """Wait for the lake's answer and go down to the two models and what changes."""
    page.get_by_test_id("stVegaLiteChart").nth(9).wait_for(state="attached", timeout=LOADED_MS)
    page.wait_for_timeout(SETTLED_MS)
    page.get_by_role("heading", name="Codes by category").scroll_into_view_if_needed()


def wait_for_lag(page: Page) -> None:
    """Wait for what is asked of the broker."""
    page.get_by_role("table", name="Lag of the coding workers").wait_for(timeout=LOADED_MS)


if __name__ == "__main__":
    main()
