"""Landing as a process: settings, Spark, one streaming query, until told to stop."""

import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event
from types import FrameType

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from clinical_coding.errors import BrokerError, StorageError, UnavailableError
from consumers.lake_objects import checkpoint_of, refuse_unencrypted
from consumers.landing.backfill import Lacking, Window, start_backfill
from consumers.landing.kafka_source import claim_records
from consumers.landing.land_batch import LandBatch
from consumers.landing.one_writer import hold
from consumers.landing.session import session
from consumers.landing.vitals import LandingVitals
from runtime import logs
from runtime.exit_status import exit_with
from runtime.health import serve
from runtime.jars import fetch
from runtime.java import find_java
from runtime.kafka_topics import counts
from runtime.logs import get_logger
from runtime.metrics import LandingMetrics
from runtime.progress import silent
from runtime.registry import Registry
from runtime.roles import Role
from runtime.settings import (
    FolderSettings,
    KafkaSettings,
    LandingHealth,
    LandingSettings,
    RegistrySettings,
    TracingSettings,
    read,
)
from runtime.tracing import off, recorder
from schemas.topics import topics

LOOK_S = 1
ASK_S = 2.0  # the broker may take so long for an answer: a stop waits for it
TICK_S = 0.1
BATCH_END_S = 10.0  # a batch in hand may take so long to end before it is cut short
EXCEPTION_CLASS = re.compile(r"\b(?:[a-z]\w*\.)+[A-Z]\w*(?:Exception|Error)\b")
OTHER_END_S = 30.0  # the JVM of a killed landing may take so long to end


def main(*, once: bool = False, lake: str | None = None, window: Window | None = None) -> None:
    """Land until SIGTERM or Ctrl-C, or with ``once`` what is there; ``lake`` overrides the setting.

    With a window, land what is there and then what the lake lacks of the window.
    Raises UnavailableError when the query ended by itself, MisconfiguredError when it cannot start.
    """
    logs.configure("landing")
    stopping = Event()
    _stop_on_signal(stopping)
    folders, settings = read(FolderSettings), read(LandingSettings, Role.LANDING)
    if lake is not None:
        settings = settings.model_copy(update={"lake": lake})
    refuse_unencrypted(settings)
    vitals = _vitals(settings)
    land = LandBatch(
        lake=settings.lake,
        schemas=Registry(read(RegistrySettings)),
        metrics=vitals.metrics,
        record=recorder("landing", read(TracingSettings)),
    )
    serve(read(LandingHealth), vitals.health, vitals.metrics.registry)
    spark = _spark(settings, folders)
    _stop_on_signal(stopping)  # again: Spark's context took Ctrl-C for itself
    lock = hold(spark, checkpoint_of(settings), folders.state_dir / "spark", OTHER_END_S)
    with _translated(land, stopping):
        query = _start(spark, settings, land, once=once or window is not None)
        get_logger().info("landing started", query=str(query.id), path=settings.lake)
        _follow(query, vitals, stopping)
        if window is not None and not stopping.is_set():
            land.chosen = Lacking(settings.lake)
            _follow(
                start_backfill(spark, read(KafkaSettings, Role.LANDING), settings, land, window),
                vitals,
                stopping,
            )
        spark.stop()
    del lock
    get_logger().info("landing stopped", path=settings.lake)


def _follow(query: StreamingQuery, vitals: LandingVitals, stopping: Event) -> None:
    """Return when the query has ended, or has been stopped because we were asked to."""
    while not stopping.is_set() and not query.awaitTermination(LOOK_S):
        vitals.look(query)
    _stop(query)


def _vitals(settings: LandingSettings) -> LandingVitals:
    kafka = read(KafkaSettings, Role.LANDING)
    kafka = kafka.model_copy(update={"request_timeout_s": ASK_S})
    topic = topics(kafka.topic_prefix).claims.name
    return LandingVitals(LandingMetrics(), partial(counts, kafka, topic), settings.stall_s)


def _spark(settings: LandingSettings, folders: FolderSettings) -> SparkSession:
    java = find_java()
    jars = fetch("spark", folders.cache_dir, silent)
    return session(settings, java, jars, folders.state_dir / "spark")


def _start(
    spark: SparkSession, settings: LandingSettings, land: LandBatch, *, once: bool
) -> StreamingQuery:
    is_traced = land.record is not off
    records = claim_records(
        spark, read(KafkaSettings, Role.LANDING), settings, with_headers=is_traced
    )
    writer = records.writeStream.queryName("claims").foreachBatch(land)
    writer = writer.option("checkpointLocation", checkpoint_of(settings))
    if once:
        return writer.trigger(availableNow=True).start()
    return writer.trigger(processingTime=f"{settings.trigger_s} seconds").start()


def _stop(query: StreamingQuery) -> None:
    """Stop after the batch in hand; one that takes too long is cut short and lands next time."""
    deadline = time.monotonic() + BATCH_END_S
    in_hand = _landed(query)
    while _landed(query) == in_hand and query.status["isTriggerActive"]:
        if time.monotonic() > deadline:
            break
        time.sleep(TICK_S)
    query.stop()


def _landed(query: StreamingQuery) -> int:
    """The number of the last batch that is in the lake and in the checkpoint, -1 before any."""
    progress = query.lastProgress
    return -1 if progress is None else int(progress["batchId"])


def _stop_on_signal(stopping: Event) -> None:
    def ask(_: int, __: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)


@contextmanager
def _translated(land: LandBatch, stopping: Event) -> Iterator[None]:
    """Spark's errors as ours; none when we were asked to stop: then it may be torn apart."""
    try:
        yield
    except (OSError, PySparkException, Py4JError) as error:
        if land.failure is not None:
            raise land.failure from None
        if not stopping.is_set():
            raise ended(innermost_class(error)) from None


def ended(reason: str) -> UnavailableError:
    """The error of a query that ended by itself, by the class of its cause."""
    told = f"expected the landing to go on; got {reason}; nothing is lost: the next start goes on"
    if ".kafka." in reason:
        return BrokerError(f"{told}. Check the broker and CMC_KAFKA_*")
    return StorageError(f"{told}. Check the lake and CMC_LANDING_*, and what Spark said above")


def innermost_class(error: Exception) -> str:
    """The class of the innermost cause that Java names; its message may name anything."""
    lines = [line for line in str(error).splitlines() if not line.startswith("\tat ")]
    classes = EXCEPTION_CLASS.findall("\n".join(lines))
    return str(classes[-1]) if classes else type(error).__name__


if __name__ == "__main__":
    exit_with(lambda: main(once="--once" in sys.argv))
