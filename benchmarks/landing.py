"""Measures how many claims a second land, what one costs as they grow in number, and when it is seen.

On the embedded services, each on the object store and in a folder, one landing process after the other:

- 20 s of 50 claims/s: seconds from a claim's record to its row in the lake, at a reader who looks twice a second;
- backlogs of 1,000, 10,000 and 200,000 claims, batches of up to 50,000, after a first one in which Spark
  compiles: milliseconds a claim by the clock and of the processor, and claims/s; asked for are 5,000;
- 60 s of 5,000 claims/s, of which the publisher takes its share of the same cores: how many wait at the end,
  and the landing's memory before and after.

Claims are those of synthetic notes by the shipped bundle, half of the last day, the rest of six days before.

    python -m benchmarks.landing [--quick]
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow.dataset as ds

from benchmarks.coded_claims import (
    Claims,
    Landing,
    claims_topic,
    coded_claims,
    lake_settings,
    lakes,
)
from benchmarks.measure import Comparison, Side, show, told_to_be_quick
from benchmarks.running_sides import own_services
from clinical_coding.errors import StorageError
from consumers.lake import open_lake
from runtime.clock import now
from runtime.settings import LandingSettings

ASKED = 5000  # claims/s
BATCH = 50_000
WITHIN_S = 300.0
FRESH = 50  # claims/s
LOOK_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """How much is measured."""

    backlogs: tuple[int, ...]
    live_s: int
    fresh_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one claim: milliseconds by the clock, and of the processor."""

    took_ms: float
    cpu_ms: float


def main() -> None:
    """Print a table and a JSON line for each lake."""
    amounts = Amounts(backlogs=(1000, 10_000, 200_000), live_s=60, fresh_s=20)
    if told_to_be_quick(__doc__):
        amounts = Amounts(backlogs=(1000, 20_000), live_s=15, fresh_s=10)
    coded = coded_claims()
    with own_services() as variables:
        for store, lake in lakes(variables, Path(variables["CMC_STATE_DIR"])).items():
            with claims_topic(variables, coded, lake) as own:
                _measure(own, variables, lake, store, amounts)


def _measure(
    own: Claims, variables: Mapping[str, str], lake: str, store: str, amounts: Amounts
) -> None:
    settings = lake_settings(variables, lake)
    with own.landing(CMC_LANDING_MAX_OFFSETS_PER_BATCH=str(BATCH)) as landing:
        own.send(1000)
        _wait(landing, own.sent)  # Spark compiles
        delays = _delays_s(own, settings, amounts.fresh_s)
        _wait(landing, own.sent)
        costs = {count: _cost(own, landing, count) for count in amounts.backlogs}
        warm = landing.resident_mib()
        waiting = _live(own, landing, amounts.live_s)
        _wait(landing, own.sent)
        memory = {"after_backlogs": round(warm), "last": round(landing.resident_mib())}
    least, most = costs[min(costs)], costs[max(costs)]
    comparison = Comparison(
        question=f"claims/s landed of a backlog of {max(costs)}, {store}",
        ours=Side(name="landing", figures=(1000 / most.took_ms,)),
        baseline=Side(name="asked for", figures=(ASKED,)),
    )
    show(comparison)
    told = {
        "store": store,
        "ms_per_claim": {count: round(cost.took_ms, 3) for count, cost in costs.items()},
        "cpu_ms_per_claim": {count: round(cost.cpu_ms, 3) for count, cost in costs.items()},
        "cost_ratio": round(most.took_ms / least.took_ms, 3),
        "two_cores_of_its_own_per_s": round(2 * 1000 / most.cpu_ms),
        "waiting_after_live": waiting,
        "resident_mib": memory,
        "seen_after_s": {
            "median": round(statistics.median(delays), 1),
            "max": round(max(delays), 1),
        },
        "load_average": os.getloadavg()[0],
    }
    print(json.dumps(told), flush=True)


def _cost(own: Claims, landing: Landing, count: int) -> Cost:
    """Of a backlog: the time of its batches, and the processor's of all processes of the landing."""
    before, cpu_before = len(landing.batches()), landing.cpu_s()
    own.send(count)
    _wait(landing, own.sent)
    took_s = sum(float(str(batch["elapsed_s"])) for batch in landing.batches()[before:])
    return Cost(took_ms=1000 * took_s / count, cpu_ms=1000 * (landing.cpu_s() - cpu_before) / count)


def _live(own: Claims, landing: Landing, seconds: int) -> int:
    """How many claims wait after so many seconds at the rate that is asked for."""
    values, began = own.values(ASKED), time.monotonic()
    for second in range(seconds):
        own.send_values(values)
        values = own.values(ASKED) if second < seconds - 1 else []
        time.sleep(max(0.0, began + second + 1 - time.monotonic()))
    return own.sent - landing.landed()


def _delays_s(own: Claims, settings: LandingSettings, seconds: int) -> list[float]:
    """From a claim's record to when a reader first sees its row."""
    began, seen = now().replace(microsecond=0), dict[str, float]()
    deadline = time.monotonic() + WITHIN_S
    before, last = own.sent, own.sent + seconds * FRESH
    while len(seen) < last - before:
        if own.sent < last:
            own.send(int(FRESH * LOOK_S))
        rows = open_lake(settings).claims.to_table(
            columns=["event_id", "source_timestamp"], filter=ds.field("source_timestamp") >= began
        )
        at = now()
        for event, moment in zip(*rows.to_pydict().values(), strict=True):
            seen.setdefault(event, (at - moment).total_seconds())
        if time.monotonic() > deadline:
            raise StorageError(f"expected {last - before} claims in the lake; got {len(seen)}")
        time.sleep(LOOK_S)
    return list(seen.values())


def _wait(landing: Landing, count: int) -> None:
    deadline = time.monotonic() + WITHIN_S
    while landing.landed() < count:
        if landing.process.poll() is not None or time.monotonic() > deadline:
            print(landing.log.read_text()[-4000:], file=sys.stderr)
            raise StorageError(f"expected {count} claims landed; got {landing.landed()}; see above")
        time.sleep(LOOK_S)


if __name__ == "__main__":
    main()
