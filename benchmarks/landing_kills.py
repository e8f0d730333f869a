"""Kills the landing with -9 again and again while it lands, then counts each claim, by DuckDB and pyarrow.

100,000 claims land on the embedded object store, then as many in a folder, in batches of 4,000. Six times
in each a process of the landing is killed in the middle of a batch, in turn the driver's Python and its
JVM; what is left lands with `--once`. Each event_id must be there exactly once, by a plain count over the
rows as they lie. Exit 1 when it is not.

    python -m benchmarks.landing_kills [--quick]
"""

import json
import sys
import time
from pathlib import Path
from random import Random

import duckdb
import psutil
import pyarrow.compute as pc

from benchmarks.coded_claims import (
    Claims,
    Landing,
    claims_topic,
    coded_claims,
    lake_settings,
    lakes,
    seen_as_files,
)
from benchmarks.measure import machine, told_to_be_quick
from benchmarks.running_sides import own_services
from clinical_coding.errors import StorageError
from consumers.lake import open_lake
from runtime.settings import LandingSettings

BATCH = 4000
KILLS = 6
AT_WORK_S = 600.0  # a landing that has landed nothing for so long has failed
LOOK_S = 0.05
SEED = 3


def main() -> None:
    """Print a line of JSON for each lake."""
    claims = 20_000 if told_to_be_quick(__doc__) else 100_000
    coded = coded_claims()
    is_right = True
    with own_services() as variables:
        for store, lake in lakes(variables, Path(variables["CMC_STATE_DIR"])).items():
            with claims_topic(variables, coded, lake) as own:
                own.send(claims)
                found = _landed_under_kills(own, Random(SEED))  # noqa: S311 - a plan, no secret
            settings = lake_settings(variables, lake)
            counts = _counted(settings, seen_as_files(variables, lake))
            is_right &= all(count == claims for count in counts.values())
            told = {"store": store, "claims": claims, **found, **counts, "machine": machine()}
            print(json.dumps(told), flush=True)
    sys.exit(not is_right)


def _landed_under_kills(own: Claims, chance: Random) -> dict[str, object]:
    """Land with kills, then the rest; where each kill fell, and how long all took."""
    began, landed_before = time.monotonic(), list[int]()
    settings = {"CMC_LANDING_MAX_OFFSETS_PER_BATCH": str(BATCH), "CMC_LANDING_TRIGGER_S": "0"}
    for number in range(KILLS):
        with own.landing(**settings) as landing:
            _wait_for_batches(landing, chance.randint(1, 2))
            took_s = float(str(landing.batches()[-1]["elapsed_s"]))
            time.sleep(took_s * chance.random() * 1.2)  # anywhere in the next batch
            landed_before.append(landing.landed())
            _kill(landing, jvm=bool(number % 2))
    with own.landing("--once", **settings) as landing:
        if landing.process.wait(AT_WORK_S * 4):
            raise StorageError(f"expected the rest to land; got an error; see {landing.log}")
    return {
        "kills": len(landed_before),
        "landed_between": landed_before,
        "minutes": round((time.monotonic() - began) / 60, 1),
    }


def _wait_for_batches(landing: Landing, count: int) -> None:
    deadline = time.monotonic() + AT_WORK_S
    while len(landing.batches()) < count:
        if landing.process.poll() is not None or time.monotonic() > deadline:
            print(landing.log.read_text()[-4000:], file=sys.stderr)
            raise StorageError(f"expected a batch within {AT_WORK_S:.0f} s; got none; see above")
        time.sleep(LOOK_S)


def _kill(landing: Landing, *, jvm: bool) -> None:
    """The driver is two processes; either's death ends the other within seconds."""
    own = psutil.Process(landing.process.pid)
    children = [p for p in own.children(recursive=True) if p.name().startswith("java")]
    (children[0] if jvm else own).kill()
    landing.process.wait(60)
    psutil.wait_procs(children, timeout=60)


def _counted(settings: LandingSettings, folder: Path) -> dict[str, int]:
    """Rows and different ids, as DuckDB sees the files and pyarrow the store."""
    ids = open_lake(settings).claims.to_table(columns=["event_id"])["event_id"]
    glob = f"{folder}/claims/query=*/batch_id=*/date_of_service=*/*.parquet"
    query = "SELECT count(*), count(DISTINCT event_id) FROM read_parquet(?)"
    with duckdb.connect() as duck:
        ((rows, different),) = duck.execute(query, [glob]).fetchall()
    return {
        "duckdb_rows": rows,
        "duckdb_ids": different,
        "pyarrow_rows": len(ids),
        "pyarrow_ids": len(pc.unique(ids)),
    }


if __name__ == "__main__":
    main()
