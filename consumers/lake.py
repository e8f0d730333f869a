"""Reading the lake without Spark: datasets for pyarrow and pandas, views for DuckDB.

Layout: ``<lake>/<table>/query=<id>/batch_id=<n>/date_of_service=<day>/*.parquet``. Delivery to the
claim topic is at least once, so a claim may be in two batches under one ``event_id``; the views
``claims`` and ``diagnoses`` show each once.
"""

from dataclasses import dataclass, field

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow import fs

from clinical_coding.errors import StorageError
from consumers.landing.columns import CLAIMS, DIAGNOSES, Table
from runtime.settings import LandingSettings

S3A = "s3a://"
VIEWS = """
CREATE VIEW claims AS SELECT * FROM landed_claims
QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY source_partition, source_offset) = 1;
CREATE VIEW diagnoses AS SELECT * FROM landed_diagnoses
QUALIFY row_number() OVER (PARTITION BY event_id, code ORDER BY source_partition, source_offset) = 1;
"""
PARTITIONING = ds.partitioning(
    pa.schema([("query", pa.string()), ("batch_id", pa.int64()), ("date_of_service", pa.date32())]),
    flavor="hive",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lake:
    """The landed tables at this moment; open it again to see what has landed since."""

    claims: ds.Dataset = field(repr=False)
    diagnoses: ds.Dataset = field(repr=False)

    def connection(self) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection with the views ``claims`` and ``diagnoses``, each row once."""
        connection = duckdb.connect()
        connection.register("landed_claims", self.claims)
        connection.register("landed_diagnoses", self.diagnoses)
        connection.execute(VIEWS)
        return connection


def open_lake(settings: LandingSettings) -> Lake:
    """The lake's tables; empty ones where nothing has landed.

    Raises StorageError when the store does not answer.
    """
    files, root = _file_system(settings)
    try:
        return Lake(
            claims=_dataset(files, root, CLAIMS), diagnoses=_dataset(files, root, DIAGNOSES)
        )
    except OSError as error:
        raise StorageError(
            f"cannot read the lake {settings.lake}: {type(error).__name__}; check "
            "CMC_LANDING_LAKE, the store's endpoint and keys"
        ) from None


def claim_ids(settings: LandingSettings) -> frozenset[str]:
    """The event ids in the lake, each once. Raises StorageError when the store does not answer."""
    ids: set[str] = set()
    for batch in open_lake(settings).claims.to_batches(columns=["event_id"]):
        ids.update(batch.column(0).to_pylist())
    return frozenset(ids)


def _dataset(files: fs.FileSystem, root: str, table: Table) -> ds.Dataset:
    place = f"{root}/{table.name}"
    schema = pa.schema([*table.schema, ("query", pa.string()), ("batch_id", pa.int64())])
    if files.get_file_info(place).type is fs.FileType.NotFound:
        return ds.dataset(pa.table({f.name: pa.array([], f.type) for f in schema}))
    return ds.dataset(
        place, schema=schema, filesystem=files, format="parquet", partitioning=PARTITIONING
    )


def _file_system(settings: LandingSettings) -> tuple[fs.FileSystem, str]:
    if not settings.lake.startswith(S3A):
        return fs.LocalFileSystem(), settings.lake
    endpoint = settings.s3_endpoint or ""
    secret = settings.s3_secret_key
    store = fs.S3FileSystem(
        access_key=settings.s3_access_key,
        secret_key=secret.get_secret_value() if secret else None,
        endpoint_override=endpoint.split("://")[-1] or None,
        scheme="http" if endpoint.startswith("http:") else "https",
        region=settings.s3_region,
    )
    return store, settings.lake.removeprefix(S3A)
