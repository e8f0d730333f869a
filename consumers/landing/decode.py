"""Records of the claim topic to rows of the lake, in Spark's Python workers.

Each record is read by the schema that its 5-byte header names. The texts of the schemas come from
the driver: a worker asks nobody. A record whose schema the driver has not fetched yet comes back as
NOT_ASKED, so that the driver can fetch it and decode the batch again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from clinical_coding.errors import RejectedEventError
from consumers.landing.columns import CLAIMS, OF_DIAGNOSIS, REJECTED, Column, arrow_schema
from schemas.claim_coded import ClaimCoded
from schemas.topics import schema_text
from schemas.wire import RecordReader, schema_id_of

NOT_ASKED = "NOT_ASKED"  # in place of an error class
Row = dict[str, object]
WriterTexts = Mapping[int, str | None]  # by schema id; None: the registry does not hold it
RECORD_FIELDS = ("topic", "partition", "offset", "timestamp", "value")

DIAGNOSES_OF_CLAIM = Column(
    name="diagnoses",
    type=pa.list_(pa.struct(list(arrow_schema(OF_DIAGNOSIS)))),
    doc="One element per row of the table of diagnoses.",
)
# One row per record: a claim with its diagnoses, or, with an error class, a refused record.
DECODED = arrow_schema(
    (
        *CLAIMS.columns,
        CLAIMS.partition,
        DIAGNOSES_OF_CLAIM,
        *REJECTED.columns[-2:],
        REJECTED.partition,
    )
)


@dataclass(frozen=True, slots=True)
class FetchedSchemas:
    """The writers' schemas that the driver sent along."""

    texts: WriterTexts

    def schema_text(self, schema_id: int) -> str | None:
        """The schema's text, None when the registry does not hold it."""
        return self.texts[schema_id]


def decode_batches(
    batches: Iterator[pa.RecordBatch], texts: WriterTexts
) -> Iterator[pa.RecordBatch]:
    """Arrow batches of RECORD_FIELDS to batches of DECODED, a row for each record."""
    reader = RecordReader(ClaimCoded, schema_text("claim_coded.avsc"), FetchedSchemas(texts))
    for batch in batches:
        rows = [decoded_row(record, reader, texts) for record in batch.to_pylist()]
        yield pa.RecordBatch.from_pylist(rows, schema=DECODED)


def decoded_row(record: Row, reader: RecordReader[ClaimCoded], texts: WriterTexts) -> Row:
    """One record's row; a record that cannot be read is a row with an error class."""
    value = record["value"]
    value = value if isinstance(value, bytes) else None
    source = {f"source_{name}": record[name] for name in RECORD_FIELDS[:-1]}
    size = {"size_bytes": len(value or b"")}
    schema_id = None
    try:
        schema_id = schema_id_of(value)
        if schema_id not in texts:
            return {**source, **size, "schema_id": schema_id, "error_class": NOT_ASKED}
        return {**source, **size, "schema_id": schema_id, **claim_row(reader.fields(value))}
    except RejectedEventError as error:
        return {**source, **size, "schema_id": schema_id, "error_class": type(error).__name__}


def claim_row(claim: Row) -> Row:
    """A claim's columns and, under ``diagnoses``, those of its diagnoses, from its plain fields."""
    diagnoses, timings = claim["diagnoses"], claim["timings"]
    if not isinstance(diagnoses, (list, tuple)) or not isinstance(timings, dict):
        raise TypeError("expected the fields of a claim that was checked")
    return {**claim, **timings, "codes": [diagnosis["code"] for diagnosis in diagnoses]}
