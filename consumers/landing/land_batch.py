"""One micro-batch of the claim topic into the lake: a directory of its own, written whole."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import pyarrow as pa
from pyspark.sql import DataFrame, functions
from pyspark.sql.pandas.types import from_arrow_schema

from consumers.landing.columns import CLAIMS, DIAGNOSES, REJECTED, Table
from consumers.landing.decode import DECODED, NOT_ASKED, RECORD_FIELDS, decode_batches
from runtime.logs import get_logger
from schemas.wire import WriterSchemas

WRITERS = 2  # tasks that write; each makes one file a date of service
DECODED_TYPE = from_arrow_schema(DECODED)


@dataclass(slots=True, kw_only=True)
class LandBatch:
    """Lands batches; ``known`` grows by the writers' schemas that come along."""

    lake: str
    schemas: WriterSchemas
    known: dict[int, str | None] = field(default_factory=dict)

    def __call__(self, batch: DataFrame, batch_id: int) -> None:
        """Land one batch: the same batch again overwrites what it wrote, so it lands once.

        Raises RegistryError when a writer's schema cannot be asked for; Spark then ends the query
        and the batch is landed at the next start.
        """
        began = time.monotonic()
        query = batch.sparkSession.sparkContext.getLocalProperty("sql.streaming.queryId")
        decoded = self._decoded(batch.select(*RECORD_FIELDS))
        try:
            place = f"query={query}/batch_id={batch_id}"
            read = decoded.where("error_class IS NULL")
            self._write(read, CLAIMS, place)
            self._write(_diagnoses(read), DIAGNOSES, place)
            refused = decoded.where("error_class IS NOT NULL")
            if not refused.isEmpty():
                self._write(refused, REJECTED, place)
            rows = decoded.count()
        finally:
            decoded.unpersist()
        elapsed_s = round(time.monotonic() - began, 3)
        get_logger().info("batch landed", batch_id=batch_id, rows=rows, elapsed_s=elapsed_s)

    def _decoded(self, records: DataFrame) -> DataFrame:
        """The batch decoded and kept in memory; asks for schemas that it meets the first time."""
        while True:
            decode = partial(_decode, texts=dict(self.known))
            decoded = records.mapInArrow(decode, DECODED_TYPE).persist()
            new = decoded.where(functions.col("error_class") == NOT_ASKED)
            ids = [row.schema_id for row in new.select("schema_id").distinct().collect()]
            if not ids:
                return decoded
            self.known |= {number: self.schemas.schema_text(number) for number in ids}
            decoded.unpersist()

    def _write(self, rows: DataFrame, table: Table, place: str) -> None:
        partition = table.partition.name
        columns = [column.name for column in table.columns]
        (
            rows.select(*columns, partition)
            .repartition(WRITERS, partition)
            .sortWithinPartitions(partition)
            .write.mode("overwrite")
            .partitionBy(partition)
            .parquet(f"{self.lake}/{table.name}/{place}")
        )


def _decode(
    batches: Iterator[pa.RecordBatch], texts: dict[int, str | None]
) -> Iterator[pa.RecordBatch]:
    return decode_batches(batches, texts)


def _diagnoses(claims: DataFrame) -> DataFrame:
    own = {column.name for column in DIAGNOSES.columns} - {column.name for column in CLAIMS.columns}
    kept = [c.name for c in (*DIAGNOSES.columns, DIAGNOSES.partition) if c.name not in own]
    each = claims.withColumn("diagnosis", functions.explode("diagnoses"))
    return each.select(*kept, *(functions.col(f"diagnosis.{name}").alias(name) for name in own))
