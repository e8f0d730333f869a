"""One micro-batch of the claim topic into the lake: directories of its own, written whole."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as f
from pyspark.sql.pandas.types import from_arrow_schema

from clinical_coding.errors import CodingError
from consumers.landing.columns import CLAIMS, DIAGNOSES, OF_DIAGNOSIS, REJECTED, Table
from consumers.landing.decode import (
    DECODED,
    DIAGNOSES_OF_CLAIM,
    NOT_ASKED,
    RECORD_FIELDS,
    decode_batches,
)
from runtime.clock import now
from runtime.logs import get_logger
from runtime.metrics import LandingMetrics
from runtime.tracing import MAX_LINKS, Record, Span, off
from schemas.cloud_events import traceparent_for, traceparent_of
from schemas.wire import WriterSchemas

DECODED_TYPE = from_arrow_schema(DECODED)
QUERY_ID = "sql.streaming.queryId"  # as the checkpoint keeps it: the same after every restart


def _all(rows: DataFrame, _: Table) -> DataFrame:
    return rows


@dataclass(slots=True, kw_only=True)
class LandBatch:
    """What the query calls with each batch.

    ``chosen`` keeps some of a table's rows, for a backfill those that the lake lacks. ``known`` grows by the writers' schemas that come along. ``failure`` is the error of our tree
    that ended the query: from Spark only its text comes back.
    """

    lake: str
    schemas: WriterSchemas
    metrics: LandingMetrics
    record: Record = off
    chosen: Callable[[DataFrame, Table], DataFrame] = _all
    known: dict[int, str] = field(default_factory=dict)
    failure: CodingError | None = None
    landed: int = 0

    def __call__(self, records: DataFrame, batch_id: int) -> None:
        """Land one batch: the same batch again overwrites what it wrote, so it lands once.

        Raises RegistryError when a writer's schema cannot be asked for; the query then ends and
        the batch is landed at the next start.
        """
        began, began_at = time.monotonic(), now()
        try:
            counted = self._land(records.select(*RECORD_FIELDS), batch_id)
        except CodingError as error:
            self.failure = error
            raise
        self.landed += 1
        elapsed_s = time.monotonic() - began
        self._count(counted, elapsed_s)
        _log(counted, batch_id, round(elapsed_s, 3))
        if self.record is not off:
            self.record(_span(records, counted, batch_id, began_at))

    def _land(self, records: DataFrame, batch_id: int) -> list[Row]:
        place = f"query={_query_id(records)}/batch_id={batch_id}"
        decoded, counted = self._decoded(records)
        try:
            claims = decoded.where("error_class IS NULL")
            # Diagnoses first: a claim that a reader sees has its diagnoses already.
            self._write(_diagnoses(claims), DIAGNOSES, place)
            self._write(claims, CLAIMS, place)
            # The first batch of a run may be one that ran before, with records refused then.
            if self.landed == 0 or any(row.error_class for row in counted):
                self._write(decoded.where("error_class IS NOT NULL"), REJECTED, place)
        finally:
            decoded.unpersist()
        return counted

    def _count(self, counted: list[Row], elapsed_s: float) -> None:
        self.metrics.batches.inc()
        self.metrics.batch_s.observe(elapsed_s)
        for row in counted:
            table = REJECTED if row.error_class else CLAIMS
            self.metrics.rows.labels(table.name).inc(row.records)
            self.metrics.rows.labels(DIAGNOSES.name).inc(row.diagnoses or 0)

    def _decoded(self, records: DataFrame) -> tuple[DataFrame, list[Row]]:
        """The batch decoded and kept until it is written; records by schema id and error class."""
        decoded = _decode(records, self.known)
        counted = _count(decoded)
        new = {row.schema_id for row in counted if row.error_class == NOT_ASKED}
        if not new:
            return decoded, counted
        decoded.unpersist()
        answers = {schema_id: self.schemas.schema_text(schema_id) for schema_id in new}
        # What the registry does not hold it may hold later: only found schemas are remembered.
        self.known |= {schema_id: text for schema_id, text in answers.items() if text}
        decoded = _decode(records, self.known | answers)
        return decoded, _count(decoded)

    def _write(self, rows: DataFrame, table: Table, place: str) -> None:
        columns = [column.name for column in (*table.columns, table.partition)]
        writer = (
            self.chosen(rows, table)
            .select(*columns)
            .write.mode("overwrite")
            .partitionBy(table.partition.name)
        )
        writer.parquet(f"{self.lake}/{table.name}/{place}")


def _query_id(records: DataFrame) -> str | None:
    return records.sparkSession.sparkContext.getLocalProperty(QUERY_ID)


def _span(records: DataFrame, counted: list[Row], batch_id: int, began: datetime) -> Span:
    """The batch's span, linked to the first of its claims; its ids are those of query and batch."""
    header = f.expr("filter(headers, h -> h.key = 'traceparent')[0].value").alias("value")
    rows = records.select(header).limit(MAX_LINKS).collect()
    found = (traceparent_of({"traceparent": bytes(row.value or b"")}) for row in rows)
    return Span(
        name="land batch",
        own=traceparent_for(f"{_query_id(records)}/{batch_id}"),
        links=tuple(link for link in found if link is not None),
        began=began,
        ended=now(),
        attributes={"batch_id": batch_id, "records": sum(row.records for row in counted)},
    )


def _decode(records: DataFrame, texts: dict[int, str] | dict[int, str | None]) -> DataFrame:
    """A row for each record, those of one day in one task, so that a day makes one file."""
    tasks = records.sparkSession.sparkContext.defaultParallelism
    rows = records.coalesce(tasks).mapInArrow(
        partial(decode_batches, texts=dict(texts)), DECODED_TYPE
    )
    return rows.repartition(tasks, CLAIMS.partition.name).persist()


def _count(decoded: DataFrame) -> list[Row]:
    kinds = decoded.groupBy("error_class", "schema_id")
    diagnoses = f.sum(f.size(DIAGNOSES_OF_CLAIM.name))
    return kinds.agg(f.count("*").alias("records"), diagnoses.alias("diagnoses")).collect()


def _diagnoses(claims: DataFrame) -> DataFrame:
    own = {column.name for column in OF_DIAGNOSIS}
    of_claim = [c.name for c in (*DIAGNOSES.columns, DIAGNOSES.partition) if c.name not in own]
    return claims.select(*of_claim, f.inline(DIAGNOSES_OF_CLAIM.name))


def _log(counted: Iterable[Row], batch_id: int, elapsed_s: float) -> None:
    counted = list(counted)
    for row in counted:
        if row.error_class:
            get_logger().warning(
                "records refused",
                batch_id=batch_id,
                records=row.records,
                error_class=row.error_class,
                schema_id=row.schema_id,
            )
    get_logger().info(
        "batch landed",
        batch_id=batch_id,
        records=sum(row.records for row in counted),
        claims=sum(row.records for row in counted if not row.error_class),
        rows=sum(row.diagnoses or 0 for row in counted),
        elapsed_s=elapsed_s,
    )
