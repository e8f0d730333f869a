"""Landing a window of the claim topic again: only what the lake lacks of it.

What is written is decided by id and by table, so it may be repeated, and killed between two tables. It
must not run beside a landing of the same lake: that could land the same claim at the same moment.
"""

from dataclasses import dataclass
from datetime import datetime

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.streaming.query import StreamingQuery

from consumers.lake_objects import checkpoint_of
from consumers.lake_rounds import COMPACTED
from consumers.landing.columns import Table
from consumers.landing.kafka_source import window_records
from consumers.landing.land_batch import LandBatch
from runtime.settings import KafkaSettings, LandingSettings

NOTHING_THERE = "PATH_NOT_FOUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Claims by the Kafka timestamp of their records: from ``since`` to before ``until``."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Lacking:
    """Keeps the rows that the lake does not have; each once."""

    lake: str

    def __call__(self, rows: DataFrame, table: Table) -> DataFrame:
        """Meets LandBatch's ``chosen``."""
        keys, spark = list(table.keys), rows.sparkSession
        lacking = rows.dropDuplicates(keys)
        for place in (table.name, f"{COMPACTED}/{table.name}"):
            there = _there(spark, f"{self.lake}/{place}", table)
            if there is not None:
                lacking = lacking.join(there, keys, "left_anti")
        # So that a day makes one file.
        return lacking.repartition(spark.sparkContext.defaultParallelism, table.partition.name)


def start_backfill(
    spark: SparkSession,
    kafka: KafkaSettings,
    settings: LandingSettings,
    land: LandBatch,
    window: Window,
) -> StreamingQuery:
    """A query that lands what lacks of the window, batch by batch, and ends.

    Where an earlier one was does not matter, what the lake has does: its checkpoint is deleted first.
    """
    spark.conf.set("spark.sql.shuffle.partitions", spark.sparkContext.defaultParallelism)
    checkpoint = f"{checkpoint_of(settings)}-backfill"
    _delete(spark, checkpoint)
    records = window_records(spark, kafka, settings, window.since)
    records = records.where(f.col("timestamp") < f.lit(window.until))
    writer = records.writeStream.queryName("backfill").foreachBatch(land)
    writer = writer.option("checkpointLocation", checkpoint)
    return writer.trigger(availableNow=True).start()


def _delete(spark: SparkSession, place: str) -> None:
    """A folder of any file system that Spark reaches; none is no error."""
    path = spark.sparkContext._jvm.org.apache.hadoop.fs.Path(place)  # type: ignore[union-attr] # noqa: SLF001 - there is no public way to the JVM
    state = spark._jsparkSession.sessionState()  # noqa: SLF001 - it knows the store's keys
    path.getFileSystem(state.newHadoopConf()).delete(path, True)  # noqa: FBT003 - Java's: with all below


def _there(spark: SparkSession, path: str, table: Table) -> DataFrame | None:
    """The keys of what lies there; None where nothing does yet."""
    kinds = {"source_partition": "int", "source_offset": "bigint", "rank": "int"}
    schema = ", ".join(f"{key} {kinds.get(key, 'string')}" for key in table.keys)
    try:
        return spark.read.schema(schema).option("recursiveFileLookup", "true").parquet(path)
    except AnalysisException as error:
        if error.getCondition() != NOTHING_THERE:
            raise
        return None
