"""Reading the lake without Spark: datasets for pyarrow and pandas, views for DuckDB.

Layout: ``<lake>/<table>/query=<id>/batch_id=<n>/date_of_service=<day>/*.parquet``. Delivery to the
claim topic is at least once, so a claim may be in two batches under one ``event_id``; the views
``claims`` and ``diagnoses`` show each once. What a batch in flight or a crash has left lies in
folders that begin with ``_``: pyarrow passes them over, a ``**`` glob does not.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow import fs

from clinical_coding.errors import StorageError
from consumers.landing.columns import TABLES, Table
from runtime.settings import LandingSettings

S3A = "s3a://"
TRIES = 3  # a batch that is landed again after a crash replaces files that were just listed
VIEWS = """
CREATE VIEW claims AS SELECT * FROM landed_claims
QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY source_partition, source_offset) = 1;
CREATE VIEW diagnoses AS SELECT * FROM landed_diagnoses
QUALIFY row_number() OVER (PARTITION BY event_id, rank ORDER BY source_partition, source_offset) = 1;
CREATE VIEW current_claims AS SELECT * FROM (SELECT * FROM claims
ANTI JOIN (SELECT supersedes AS event_id FROM claims WHERE supersedes IS NOT NULL) USING (event_id)
QUALIFY row_number() OVER (PARTITION BY note_id, profile ORDER BY note_version DESC, coded_at DESC, event_id DESC) = 1)
WHERE note_status <> 'retracted';
CREATE VIEW current_diagnoses AS SELECT * FROM diagnoses SEMI JOIN current_claims USING (event_id);
SET TimeZone = 'UTC';
"""
FETCHED_ROWS = 1000
WRONG_QUERY = (duckdb.ProgrammingError, duckdb.DataError, duckdb.NotSupportedError)
_PLACE = [("query", pa.string()), ("batch_id", pa.int64())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lake:
    """The landed tables at this moment; open it again to see what has landed since."""

    claims: ds.Dataset = field(repr=False)
    diagnoses: ds.Dataset = field(repr=False)
    rejected: ds.Dataset = field(repr=False)

    def connection(self) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection with views over the tables.

        ``claims``: each claim once; ``diagnoses``: theirs; ``current_claims``: of each note the claim
        of its newest version that no other supersedes, none where the note was retracted;
        ``current_diagnoses``: theirs. ``landed_claims``, ``landed_diagnoses`` and ``rejected`` are
        the rows as they lie.
        """
        connection = duckdb.connect()
        connection.register("landed_claims", self.claims)
        connection.register("landed_diagnoses", self.diagnoses)
        connection.register("rejected", self.rejected)
        connection.execute(VIEWS)
        return connection


def open_lake(settings: LandingSettings) -> Lake:
    """The lake's tables; empty ones where nothing has landed.

    Raises StorageError when the store does not answer.
    """
    with _translated(settings):
        files, root = _file_system(settings)
        claims, diagnoses, rejected = (_dataset(files, root, table) for table in TABLES)
    return Lake(claims=claims, diagnoses=diagnoses, rejected=rejected)


def make_bucket(settings: LandingSettings) -> None:
    """Have the bucket of a lake on S3; one that is there stays as it is, a folder needs none.

    Raises StorageError when the store refuses or does not answer.
    """
    if settings.lake.startswith(S3A):
        bucket = settings.lake.removeprefix(S3A).split("/")[0]
        with _translated(settings):
            _store(settings, allow_bucket_creation=True).create_dir(bucket, recursive=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """The columns of a query's answer and its rows, which are fetched as they are asked for."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[object, ...]]


@contextmanager
def answered(settings: LandingSettings, query: str) -> Iterator[Answer]:
    """The lake's answer to a query in DuckDB's SQL over the views of ``Lake.connection``.

    Raises ValueError when it is no such query, StorageError when the store does not answer.
    """
    with open_lake(settings).connection() as connection, _translated(settings):
        try:
            connection.execute(query)
            columns = tuple(str(column[0]) for column in connection.description or ())
            yield Answer(columns, _fetched(connection))
        except WRONG_QUERY as error:
            raise ValueError(f"expected a query over the lake; got: {error}") from None


def _fetched(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[object, ...]]:
    while rows := connection.fetchmany(FETCHED_ROWS):
        yield from rows


def claim_ids(settings: LandingSettings) -> frozenset[str]:
    """The event ids in the lake, each once. Raises StorageError when the store does not answer."""
    for left in reversed(range(TRIES)):
        claims = open_lake(settings).claims
        try:
            with _translated(settings):
                return _ids(claims)
        except StorageError:
            if not left:
                raise
    raise AssertionError("the last try returns or raises")


def _ids(claims: ds.Dataset) -> frozenset[str]:
    ids: set[str] = set()
    for batch in claims.to_batches(columns=["event_id"]):
        ids.update(batch.column(0).to_pylist())
    return frozenset(ids)


def _dataset(files: fs.FileSystem, root: str, table: Table) -> ds.Dataset:
    place = f"{root}/{table.name}"
    schema = pa.schema([*table.schema, *_PLACE])
    if files.get_file_info(place).type is fs.FileType.NotFound:
        return ds.dataset(pa.table({f.name: pa.array([], f.type) for f in schema}))
    partitioning = ds.partitioning(
        pa.schema([*_PLACE, (table.partition.name, table.partition.type)]), flavor="hive"
    )
    return ds.dataset(
        place, schema=schema, filesystem=files, format="parquet", partitioning=partitioning
    )


def _file_system(settings: LandingSettings) -> tuple[fs.FileSystem, str]:
    if not settings.lake.startswith(S3A):
        return fs.LocalFileSystem(), settings.lake
    return _store(settings), settings.lake.removeprefix(S3A)


def _store(settings: LandingSettings, *, allow_bucket_creation: bool = False) -> fs.S3FileSystem:
    endpoint = settings.s3_endpoint or ""
    secret = settings.s3_secret_key
    return fs.S3FileSystem(
        access_key=settings.s3_access_key,
        secret_key=secret.get_secret_value() if secret else None,
        endpoint_override=endpoint.split("://")[-1] or None,
        scheme="http" if endpoint.startswith("http:") else "https",
        region=settings.s3_region,
        force_virtual_addressing=not settings.s3_path_style,
        connect_timeout=10,
        request_timeout=30,
        allow_bucket_creation=allow_bucket_creation,
    )


@contextmanager
def _translated(settings: LandingSettings) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowException, duckdb.OperationalError, duckdb.InternalError) as error:
        raise StorageError(
            f"cannot read the lake {settings.lake}: {type(error).__name__}; check "
            "CMC_LANDING_LAKE, the store's endpoint and keys"
        ) from None
