"""Measures what a note and a claim take on Kafka and in Parquet, and projects files, prices and workers.

Measured on the embedded services: bytes of 2,000 synthetic notes and 20,000 claims on the broker's disk, of
the claims as they land in batches of 5,000, and after `lake compact`. Projected from these: 1, 100 and
10,000 notes a second. What is assumed stands in Assumed below, prices among it.

    python -m benchmarks.scale [--quick]
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from benchmarks.coded_claims import (
    DAYS,
    Claims,
    claims_topic,
    coded_claims,
    lake_settings,
    lakes,
    seen_as_files,
)
from benchmarks.measure import machine, told_to_be_quick
from benchmarks.running_sides import own_services, own_topics
from clinical_coding.errors import StorageError
from consumers.compaction import Compaction
from consumers.lake_objects import objects_of
from runtime.clock import now
from schemas.topics import topics

RATES = (1, 100, 10_000)  # notes/s
DAY_S = 86_400
GB = 1e9
TABLES = 2  # claims and diagnoses


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Bytes on disk."""

    kafka_note: float
    kafka_claim: float
    landed_claim: float  # with its diagnoses
    compacted_claim: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """List prices of AWS in us-east-1, in dollars; what a deployment chose; figures of other benchmarks."""

    s3_gb_month: float = 0.023
    s3_1000_puts: float = 0.005
    disk_gb_month: float = 0.08
    requests_per_file: int = (
        5  # S3A's committer: begin, part, pending list, its removal, completion
    )
    replicas: int = 3
    topic_days: int = 7
    trigger_s: float = 60.0
    compactions_a_day: int = 24
    worker_per_s: float = 66.0  # benchmarks.pipeline, two loaded cores
    worker_share: float = 0.7  # of it, so that a backlog shrinks
    landing_cpu_ms: float = 0.3  # benchmarks.landing


def main() -> None:
    """Print what was measured and the projection, as a table and a line of JSON."""
    notes, claims = (500, 5000) if told_to_be_quick(__doc__) else (2000, 20_000)
    coded = coded_claims()
    with own_services() as variables:
        state = Path(variables["CMC_STATE_DIR"])
        with own_topics(variables) as own:
            own.publish(notes)
            names = topics(own.settings.topic_prefix)
            kafka_note = _on_broker(state, names.notes.name) / notes
        lake = lakes(variables, state)["S3"]
        with claims_topic(variables, coded, lake) as topic:
            topic.send(claims)
            kafka_claim = _on_broker(state, topics(topic.kafka.topic_prefix).claims.name) / claims
            landed, compacted = _in_parquet(topic, variables, lake)
    measured = Measured(
        kafka_note=round(kafka_note),
        kafka_claim=round(kafka_claim),
        landed_claim=round(landed / claims),
        compacted_claim=round(compacted / claims),
    )
    assumed = Assumed()
    rows = [projected(rate, measured, assumed) for rate in RATES]
    for name in rows[0]:
        print(f"{name:44}" + "".join(f"{row[name]:>16,.7g}" for row in rows))
    told = {"measured": asdict(measured), "assumed": asdict(assumed), "projected": rows}
    print(json.dumps({**told, "machine": machine()}))


def projected(rate: int, measured: Measured, assumed: Assumed) -> dict[str, float]:
    """What so many notes a second come to."""
    claims_a_day = rate * DAY_S
    batches = min(DAY_S / assumed.trigger_s, claims_a_day)
    landed_files = TABLES * batches * min(DAYS, claims_a_day / batches)
    rounds = assumed.compactions_a_day
    compacted_files = TABLES * DAYS * rounds * math.ceil(claims_a_day / rounds / 1e6 / 2)
    puts = landed_files * assumed.requests_per_file + compacted_files
    per_million = 1e6 / claims_a_day
    on_kafka = (measured.kafka_note + measured.kafka_claim) * assumed.replicas * 1e6 / GB
    return {
        "notes/s": rate,
        "landed files a day (stay a day)": round(landed_files),
        "compacted files a day": compacted_files,
        "GB of Parquet a day, compacted": claims_a_day * measured.compacted_claim / GB,
        "GB on the brokers": on_kafka * claims_a_day / 1e6 * assumed.topic_days,
        "$ of S3 requests per million claims": puts / 1000 * assumed.s3_1000_puts * per_million,
        "$ a month of S3 per million claims kept": measured.compacted_claim / 1e3 * assumed.s3_gb_month,
        "$ of brokers' disks per million, 7 days": on_kafka * assumed.disk_gb_month * assumed.topic_days / 30,
        "workers of two cores": math.ceil(rate / (assumed.worker_per_s * assumed.worker_share)),
        "partitions, at least": max(4, math.ceil(rate / (assumed.worker_per_s * assumed.worker_share))),
        "cores of the landing": max(1.0, math.ceil(rate * assumed.landing_cpu_ms / 1000 / 0.7)),
    }  # fmt: skip


def _in_parquet(topic: Claims, variables: Mapping[str, str], lake: str) -> tuple[int, int]:
    """Bytes of the landed files, and of the compacted ones."""
    with topic.landing("--once", CMC_LANDING_MAX_OFFSETS_PER_BATCH="5000") as landing:
        if landing.process.wait(900):
            raise StorageError(f"expected the claims to land; see {landing.log}")
    settings, folder = lake_settings(variables, lake), seen_as_files(variables, lake)
    landed = _bytes_below(folder, "*.parquet")
    objects = objects_of(settings, lake)
    Compaction(settings=settings, objects=objects, at=now(), keep=timedelta(1)).run()
    return landed, _bytes_below(folder / "compacted", "*.parquet")


def _on_broker(state: Path, topic: str) -> int:
    """Bytes of a topic's segments; the embedded broker has one replica."""
    return sum(_bytes_below(folder, "*.log") for folder in state.rglob(f"{topic}-*"))


def _bytes_below(folder: Path, names: str) -> int:
    return sum(file.stat().st_size for file in folder.rglob(names))


if __name__ == "__main__":
    main()
