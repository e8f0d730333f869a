"""A live feed that is left open while claims come: how soon each is seen, and what grows."""

import shutil
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

import psutil
from playwright.sync_api import CDPSession, ConsoleMessage, Page, sync_playwright

from benchmarks.claim_stream import ClaimStream

SAMPLE_S = 5.0
SETTLE_S = 5.0  # after the last claim
MIB = 2**20
LOADED_MS = 120_000
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
LOOK = """() => {
  const seen = {};
  let most = 0;
  setInterval(() => {
    const rows = document.querySelectorAll(".cmc-list tbody tr");
    most = Math.max(most, rows.length);
    for (const row of rows) seen[row.dataset.claim] ??= Date.now();
  }, 50);
  window.cmcSeen = () => ({ seen, most });
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What is held at one moment: MiB of the page's script heap and of the server, nodes of the page."""

    page_mib: float
    nodes: int
    server_mib: float


@dataclass(slots=True, kw_only=True)
class Watched:
    """What became of the claims that were sent; ``delays_s`` are from sending to being seen."""

    sent: int = 0
    delays_s: list[float] = field(default_factory=list)
    most_rows: int = 0
    samples: list[Sample] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)  # of the console, and exception boxes

    @property
    def median_s(self) -> float:
        """Of the claims that were seen."""
        return statistics.median(self.delays_s)

    def growth(self) -> Sample:
        """From the middle third of the time to the last one: at first, lists and caches fill up."""
        third = max(1, len(self.samples) // 3)
        before, after = self.samples[third : 2 * third], self.samples[-third:]
        return Sample(
            page_mib=_mid([s.page_mib for s in after]) - _mid([s.page_mib for s in before]),
            nodes=round(_mid([s.nodes for s in after]) - _mid([s.nodes for s in before])),
            server_mib=_mid([s.server_mib for s in after]) - _mid([s.server_mib for s in before]),
        )


def watch(page: Page, server_pid: int, stream: ClaimStream, count: int, per_s: float) -> Watched:
    """Leave the page, which shows the feed, open while so many claims come at this rate."""
    found, sent_at = Watched(sent=count), dict[str, float]()
    page.on("console", lambda message: _note(message, found))
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    page.evaluate(LOOK)

    def send() -> None:
        for event_id in stream.send(count, per_s):
            sent_at[event_id] = time.time()

    sending = Thread(target=send)
    sending.start()
    end = time.monotonic() + count / per_s + SETTLE_S
    while time.monotonic() < end:
        found.samples.append(_sample(devtools, server_pid))
        page.wait_for_timeout(min(SAMPLE_S, max(0.0, end - time.monotonic())) * 1000)
    sending.join()
    told = page.evaluate("cmcSeen()")
    seen = {name: at / 1000 for name, at in told["seen"].items()}
    found.delays_s = [seen[name] - at for name, at in sent_at.items() if name in seen]
    found.most_rows = told["most"]
    boxes = page.get_by_test_id("stException").count()
    found.errors += ["an exception box"] * boxes
    return found


@contextmanager
def open_page() -> Iterator[Page]:
    """A page of the machine's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield browser.new_page(viewport={"width": 1280, "height": 900})
        browser.close()


def chromium() -> str | None:
    """The machine's own browser, None for Playwright's."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def seconds_to_rows(page: Page, address: str, rows: int) -> float:
    """From asking for the page to that many rows of the feed."""
    began = time.monotonic()
    page.goto(address)
    page.locator(".cmc-list tbody tr").nth(rows - 1).wait_for(timeout=LOADED_MS)
    return time.monotonic() - began


def _sample(devtools: CDPSession, server_pid: int) -> Sample:
    devtools.send("HeapProfiler.collectGarbage")
    told = {m["name"]: m["value"] for m in devtools.send("Performance.getMetrics")["metrics"]}
    return Sample(
        page_mib=told["JSHeapUsedSize"] / MIB,
        nodes=int(told["Nodes"]),
        server_mib=psutil.Process(server_pid).memory_info().rss / MIB,
    )


def _note(message: ConsoleMessage, found: Watched) -> None:
    if message.type == "error":
        found.errors.append(message.text)


def _mid(figures: Sequence[float]) -> float:
    return statistics.median(figures)
