"""Landing as a process: settings, Spark, one streaming query, until told to stop."""

import signal
import sys
from types import FrameType

from py4j.protocol import Py4JError
from pyspark.errors import StreamingQueryException
from pyspark.sql import SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from clinical_coding.errors import StorageError
from consumers.landing.land_batch import LandBatch
from consumers.landing.session import kafka_options, session
from runtime import logs
from runtime.exit_status import exit_with
from runtime.jars import fetch
from runtime.java import find_java
from runtime.logs import get_logger
from runtime.progress import silent
from runtime.registry import Registry
from runtime.settings import (
    FolderSettings,
    KafkaSettings,
    LandingSettings,
    RegistrySettings,
    read,
)
from schemas.topics import topics

LOOK_S = 1


def main(*, once: bool = False) -> None:
    """Land until SIGTERM or Ctrl-C, or with ``once`` what is there.

    Raises StorageError, naming the error's class, when the query ended by itself.
    """
    logs.configure("landing")
    stopping = _Stopping()
    settings, folders, kafka = read(LandingSettings), read(FolderSettings), read(KafkaSettings)
    registry = Registry(read(RegistrySettings))
    find_java()
    jars = fetch("spark", folders.cache_dir, silent)
    spark = session(settings, jars, folders.state_dir / "spark")
    query = _start(spark, settings, kafka, LandBatch(lake=settings.lake, schemas=registry), once)
    get_logger().info("landing started", query=str(query.id), path=settings.lake)
    try:
        while not stopping.asked and not query.awaitTermination(LOOK_S):
            pass
        query.stop()
        spark.stop()
    except StreamingQueryException as error:
        raise _ended(_reason(error)) from None
    except (OSError, Py4JError) as error:
        if not stopping.asked:  # else the same signal has ended Spark's own process already
            raise _ended(type(error).__name__) from None
    get_logger().info("landing stopped", path=settings.lake)


def _ended(reason: str) -> StorageError:
    return StorageError(
        f"expected the landing to go on; got {reason}; what has not landed is landed at the next "
        "start: check the lake, the broker and the log above"
    )


class _Stopping:
    """Whether somebody asked to stop: Ctrl-C or SIGTERM."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, _: int, __: FrameType | None) -> None:
        self.asked = True


def _start(
    spark: SparkSession,
    settings: LandingSettings,
    kafka: KafkaSettings,
    land: LandBatch,
    once: bool,  # noqa: FBT001 - passed on
) -> StreamingQuery:
    records = (
        spark.readStream.format("kafka")
        .options(**kafka_options(kafka))
        .option("subscribe", topics(kafka.topic_prefix).claims.name)
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", settings.max_offsets_per_batch)
        .load()
    )
    checkpoint = settings.checkpoint or f"{settings.lake}/_checkpoints/claims"
    writer = records.writeStream.foreachBatch(land).option("checkpointLocation", checkpoint)
    trigger = (
        {"availableNow": True} if once else {"processingTime": f"{settings.trigger_s} seconds"}
    )
    return writer.trigger(**trigger).start()


def _reason(error: StreamingQueryException) -> str:
    """The innermost class name of what Java says; its text may name anything."""
    lines = str(error).splitlines()
    causes = [line.split(":")[0].split()[-1] for line in lines if "Exception" in line.split(":")[0]]
    return causes[-1] if causes else type(error).__name__


if __name__ == "__main__":
    exit_with(lambda: main(once="--once" in sys.argv))
