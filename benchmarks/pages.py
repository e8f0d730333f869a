"""Measures the live feed in Chromium on a broker of its own: how soon it is there, and what grows.

First the page is opened on a topic with 50,000 claims, by the server's first visitor and by later ones.
Then it stays open for three minutes under 20 claims a second. Ends with 1 where the page is not there
within 3 s (the first visit, and the median), a claim not seen within 2 s (median), rows are more than the
list holds, memory grows or the console tells of an error.

    python -m benchmarks.pages [--quick]
"""

import json
import socket
import statistics
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import asdict

from playwright.sync_api import Page

from benchmarks.claim_stream import ClaimStream, claim_stream
from benchmarks.measure import machine, told_to_be_quick
from benchmarks.running_sides import own_services, own_topics, python
from benchmarks.watched_feed import Watched, open_page, seconds_to_rows, watch
from ui.claim_list import ROWS

RATE = 20.0
VISITS = 5
WITHIN_S, SEEN_S = 3.0, 2.0
GROWN_MIB = 10.0
STARTED_S = 120.0


def main() -> int:
    """Measure and print; 1 where a bound is not kept."""
    claims, seconds = (5000, 20) if told_to_be_quick(__doc__) else (50_000, 180)
    with own_services() as variables, own_topics(variables) as own:
        stream = claim_stream(own.settings, variables)
        for _ in stream.send(claims):
            pass
        port = free_port()
        with own.worked_on_by(python("cli", "ui", "--port", str(port))) as pid:
            address = f"http://127.0.0.1:{port}"
            wait_for(f"{address}/_stcore/health")
            return measure(address, pid, stream, claims, seconds)


def measure(address: str, pid: int, stream: ClaimStream, claims: int, seconds: int) -> int:
    """Both questions at one server."""
    visits = []
    for _ in range(VISITS):
        with open_page() as page:
            visits.append(seconds_to_rows(page, address, ROWS))
    with open_page() as page:
        seconds_to_rows(page, address, ROWS)
        found = watched(page, pid, stream, seconds)
    grown = found.growth()
    told = {
        "claims in the topic": claims, "first visit s": round(visits[0], 2),
        "later visits s": [round(visit, 2) for visit in visits[1:]],
        "watched s": seconds, "claims/s": RATE, "seen": len(found.delays_s), "sent": found.sent,
        "seen after s, median": round(found.median_s, 2),
        "seen after s, p95": round(statistics.quantiles(found.delays_s, n=20)[-1], 2),
        "most rows": found.most_rows, "growth": asdict(grown), "last": asdict(found.samples[-1]),
        "errors": found.errors[:5], "machine": machine(),
    }  # fmt: skip
    for name, value in told.items():
        print(f"{name:24}{value}")
    print(json.dumps(told))
    is_well = (
        visits[0] < WITHIN_S
        and statistics.median(visits) < WITHIN_S
        and found.median_s < SEEN_S
        and found.most_rows <= ROWS
        and max(grown.page_mib, grown.server_mib) < GROWN_MIB
        and not found.errors
    )
    return 0 if is_well else 1


def watched(page: Page, pid: int, stream: ClaimStream, seconds: int) -> Watched:
    """The open page under claims."""
    return watch(page, pid, stream, round(RATE * seconds), RATE)


def free_port() -> int:
    """One that nobody has at the moment."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def wait_for(address: str) -> None:
    """Return when it answers."""
    until = time.monotonic() + STARTED_S
    while True:
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - loopback
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
