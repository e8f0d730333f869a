"""A lake as the landing leaves it, without Spark."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from consumers.landing.columns import CLAIMS, DIAGNOSES, Table
from consumers.landing.decode import claim_row
from schemas.claim_coded import ClaimCoded

PLAIN = TypeAdapter(ClaimCoded)


def land(lake: Path, batch_id: int, claims: Sequence[ClaimCoded]) -> None:
    """One batch."""
    for number, claim in enumerate(claims):
        row = claim_row(PLAIN.dump_python(claim)) | {
            "source_partition": batch_id,
            "source_offset": number,
        }
        diagnoses = row.pop("diagnoses")
        assert isinstance(diagnoses, (list, tuple))
        day = claim.date_of_service.isoformat()
        place = f"query=q/batch_id={batch_id}/date_of_service={day}/{number}.parquet"
        write_rows(lake, CLAIMS, place, [row])
        write_rows(lake, DIAGNOSES, place, [row | diagnosis for diagnosis in diagnoses])


def write_rows(lake: Path, table: Table, place: str, rows: list[dict[str, object]]) -> None:
    """Rows of a table into one file."""
    path = lake / table.name / place
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([(column.name, column.type) for column in table.columns])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
