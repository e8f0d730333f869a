"""Files of the lake as an earlier version of the contract would have left them."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.claims import claim_event
from tests.landed import land

OLD, NEW = "old", "new"


def land_before_and_after_new_fields(lake: Path) -> None:
    """Two claims; when ``old`` landed there were no ``warnings``, no ``hcc`` and no ``match`` of evidence."""
    for batch, note in enumerate((OLD, NEW)):
        land(lake, batch, [claim_event(note)])
    (claims,) = (lake / "claims/query=q/batch_id=0").rglob("*.parquet")
    (diagnoses,) = (lake / "diagnoses/query=q/batch_id=0").rglob("*.parquet")
    _without(claims, "warnings")
    _without(diagnoses, "hcc")
    _without_nested(diagnoses, "evidence", "match")


def _without(file: Path, column: str) -> None:
    pq.write_table(pq.read_table(file, partitioning=None).drop_columns([column]), file)


def _without_nested(file: Path, column: str, name: str) -> None:
    rows = pq.read_table(file, partitioning=None)
    place = rows.schema.get_field_index(column)
    fields = [f for f in rows.schema.field(column).type.value_type if f.name != name]
    values = rows.column(column).to_pylist()
    for value in (value for values_of_row in values for value in values_of_row):
        del value[name]
    older = pa.array(values, pa.list_(pa.struct(fields)))
    pq.write_table(rows.set_column(place, column, older), file)
