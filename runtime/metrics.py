"""Every metric of the project, its name and its meaning; served in Prometheus's text format.

A name is ``cmc_<process>_<what>_<unit>``. A label is a closed set or a partition's number: never an
id, a path or a word of a note. docs/operations.md explains the same table to who is on call, and
infra/ draws and alerts by it; tests hold the three together.
"""

from dataclasses import dataclass
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from clinical_coding.errors import RejectedEventError

OTHER = "other"  # the label of what is in no closed set
EMPTY = "empty"  # the band of a claim without codes
BATCH_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
LATENCY_S = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 21_600, 86_400)
NOTES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 4096)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric; ``buckets`` are upper bounds in the unit of the name, of a histogram only."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    meaning: str
    label: str | None = None
    buckets: tuple[float, ...] = ()


WORKER_STARTED = Metric(
    name="cmc_worker_start_timestamp_seconds",
    kind="gauge",
    meaning="When this worker process began; it changes with every restart.",
)
WORKER_NOTES = Metric(
    name="cmc_worker_notes_total",
    kind="counter",
    meaning="Notes acknowledged, as a claim or as a dead letter.",
)
WORKER_CLAIMS = Metric(
    name="cmc_worker_claims_total",
    kind="counter",
    meaning="Claims that the broker holds: submit when each code of it is, empty without codes, "
    "else review.",
    label="band",
)
WORKER_DEAD_LETTERS = Metric(
    name="cmc_worker_dead_letters_total",
    kind="counter",
    meaning="Dead letters that the broker holds, by the class of what refused the record.",
    label="error_class",
)
WORKER_BATCH_S = Metric(
    name="cmc_worker_batch_seconds",
    kind="histogram",
    meaning="From a micro-batch in hand to its notes acknowledged.",
    buckets=BATCH_S,
)
WORKER_BATCH_NOTES = Metric(
    name="cmc_worker_batch_notes",
    kind="histogram",
    meaning="Records in a micro-batch.",
    buckets=NOTES,
)
WORKER_ENGINE_S = Metric(
    name="cmc_worker_engine_seconds",
    kind="histogram",
    meaning="The engine's part of a micro-batch.",
    buckets=BATCH_S,
)
WORKER_SIGNED_S = Metric(
    name="cmc_worker_signed_to_coded_seconds",
    kind="histogram",
    meaning="From a note's signature to its claim; dates of synthetic notes are made up.",
    buckets=LATENCY_S,
)
WORKER_PUBLISHED_S = Metric(
    name="cmc_worker_published_to_coded_seconds",
    kind="histogram",
    meaning="From a note's record on the broker to its claim.",
    buckets=LATENCY_S,
)
WORKER_IN_FLIGHT = Metric(
    name="cmc_worker_in_flight_notes",
    kind="gauge",
    meaning="Notes of the micro-batch in hand.",
)
WORKER_LAG = Metric(
    name="cmc_worker_lag_records",
    kind="gauge",
    meaning="Records of an own partition behind its committed offset, as the broker says.",
    label="partition",
)
WORKER_PARTITIONS = Metric(
    name="cmc_worker_partitions",
    kind="gauge",
    meaning="Partitions that the broker says are this worker's.",
)
WORKER_PROGRESS = Metric(
    name="cmc_worker_last_progress_timestamp_seconds",
    kind="gauge",
    meaning="When a committed offset was last seen to move; 0 before the first.",
)
WORKER_STANDSTILL_S = Metric(
    name="cmc_worker_standstill_seconds",
    kind="gauge",
    meaning="How long notes have waited with none acknowledged; the watchdog acts on it.",
)
WORKER_BROKER = Metric(
    name="cmc_worker_broker_reachable",
    kind="gauge",
    meaning="Whether the broker answered the watchdog's last look: 1 or 0.",
)
LANDING_STARTED = Metric(
    name="cmc_landing_start_timestamp_seconds",
    kind="gauge",
    meaning="When this landing process began; it changes with every restart.",
)
LANDING_BATCHES = Metric(
    name="cmc_landing_batches_total",
    kind="counter",
    meaning="Spark micro-batches written to the lake.",
)
LANDING_ROWS = Metric(
    name="cmc_landing_rows_total",
    kind="counter",
    meaning="Rows written, by table.",
    label="table",
)
LANDING_BATCH_S = Metric(
    name="cmc_landing_batch_seconds",
    kind="histogram",
    meaning="Writing one micro-batch.",
    buckets=BATCH_S,
)
LANDING_LAG = Metric(
    name="cmc_landing_lag_records",
    kind="gauge",
    meaning="Records of the claim topic that are not in the lake yet.",
)
LANDING_PROGRESS = Metric(
    name="cmc_landing_last_progress_timestamp_seconds",
    kind="gauge",
    meaning="When the lake last came nearer to the topic's end; 0 before the first time.",
)
LANDING_STANDSTILL_S = Metric(
    name="cmc_landing_standstill_seconds",
    kind="gauge",
    meaning="How long claims have waited with none landed.",
)
PRODUCER_ACKED = Metric(
    name="cmc_producer_acked_total",
    kind="counter",
    meaning="Records that all in-sync replicas hold.",
)
PRODUCER_FAILED = Metric(
    name="cmc_producer_failed_total",
    kind="counter",
    meaning="Records that the broker did not take.",
)
METRICS = (
    *(WORKER_STARTED, WORKER_NOTES, WORKER_CLAIMS, WORKER_DEAD_LETTERS, WORKER_BATCH_S),
    *(WORKER_BATCH_NOTES, WORKER_ENGINE_S, WORKER_SIGNED_S, WORKER_PUBLISHED_S, WORKER_IN_FLIGHT),
    *(WORKER_LAG, WORKER_PARTITIONS, WORKER_PROGRESS, WORKER_STANDSTILL_S, WORKER_BROKER),
    *(LANDING_STARTED, LANDING_BATCHES, LANDING_ROWS, LANDING_BATCH_S, LANDING_LAG),
    *(LANDING_PROGRESS, LANDING_STANDSTILL_S, PRODUCER_ACKED, PRODUCER_FAILED),
)


class WorkerMetrics:
    """What the coding worker counts; ``registry`` is what ``/metrics`` serves."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.started = _gauge(WORKER_STARTED, registry)
        self.notes = _counter(WORKER_NOTES, registry)
        self.claims = _counter(WORKER_CLAIMS, registry)
        self.dead_letters = _counter(WORKER_DEAD_LETTERS, registry)
        self.batch_s = _histogram(WORKER_BATCH_S, registry)
        self.batch_notes = _histogram(WORKER_BATCH_NOTES, registry)
        self.engine_s = _histogram(WORKER_ENGINE_S, registry)
        self.signed_to_coded_s = _histogram(WORKER_SIGNED_S, registry)
        self.published_to_coded_s = _histogram(WORKER_PUBLISHED_S, registry)
        self.in_flight = _gauge(WORKER_IN_FLIGHT, registry)
        self.lag = _gauge(WORKER_LAG, registry)
        self.partitions = _gauge(WORKER_PARTITIONS, registry)
        self.progress = _gauge(WORKER_PROGRESS, registry)
        self.standstill_s = _gauge(WORKER_STANDSTILL_S, registry)
        self.broker = _gauge(WORKER_BROKER, registry)


class LandingMetrics:
    """What the landing counts."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.started = _gauge(LANDING_STARTED, registry)
        self.batches = _counter(LANDING_BATCHES, registry)
        self.rows = _counter(LANDING_ROWS, registry)
        self.batch_s = _histogram(LANDING_BATCH_S, registry)
        self.lag = _gauge(LANDING_LAG, registry)
        self.progress = _gauge(LANDING_PROGRESS, registry)
        self.standstill_s = _gauge(LANDING_STANDSTILL_S, registry)


class ProducerMetrics:
    """What a producer counts."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.acked = _counter(PRODUCER_ACKED, registry)
        self.failed = _counter(PRODUCER_FAILED, registry)


def error_label(error_class: str) -> str:
    """The class itself if it is one of ours: a closed set, whatever a record brings."""
    ours = {error.__name__ for error in RejectedEventError.__subclasses__()}
    return error_class if error_class in ours else OTHER


def _labels(metric: Metric) -> tuple[str, ...]:
    return (metric.label,) if metric.label else ()


def _counter(metric: Metric, registry: CollectorRegistry) -> Counter:
    return Counter(metric.name, metric.meaning, _labels(metric), registry=registry)


def _gauge(metric: Metric, registry: CollectorRegistry) -> Gauge:
    return Gauge(metric.name, metric.meaning, _labels(metric), registry=registry)


def _histogram(metric: Metric, registry: CollectorRegistry) -> Histogram:
    return Histogram(metric.name, metric.meaning, registry=registry, buckets=metric.buckets)
