"""A replay's claims beside those of the claim topic, as DuckDB tables over Parquet files.

History may be larger than memory, so both sides lie on disk while they are held together.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from clinical_coding.errors import RejectedEventError
from runtime.kafka import KafkaRecord
from schemas.claim_coded import ClaimCoded
from schemas.wire import RecordReader

ROW_GROUP = 5000  # claims in memory at once
DIAGNOSES = pa.list_(
    pa.struct(
        [
            ("rank", pa.int32()),  # first, so that a list of them sorts by it
            ("code", pa.string()),
            ("band", pa.string()),
            ("hcc", pa.string()),
            ("probability", pa.float64()),
        ]
    )
)
SIDE = pa.schema(
    [
        ("event_id", pa.string()),
        ("note_id", pa.string()),
        ("note_version", pa.int32()),
        ("profile", pa.string()),
        ("encounter_id", pa.string()),
        ("supersedes", pa.string()),
        ("model_version", pa.string()),
        ("code_set", pa.string()),
        ("coded_at", pa.timestamp("us", tz="UTC")),
        ("source_partition", pa.int32()),
        ("source_offset", pa.int64()),
        ("diagnoses", DIAGNOSES),
    ]
)
# A claim counts once, and for each note version the claim that no later one superseded.
VIEWS = """
CREATE VIEW live AS SELECT * FROM read_parquet('{live}')
QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY source_partition, source_offset) = 1;
CREATE VIEW shadow AS SELECT * FROM read_parquet('{shadow}')
QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY source_partition, source_offset) = 1;
CREATE VIEW live_current AS SELECT * FROM live WHERE event_id NOT IN
(SELECT s.supersedes FROM live s JOIN live o ON s.supersedes = o.event_id
 WHERE s.note_id = o.note_id AND s.note_version = o.note_version)
QUALIFY row_number() OVER (
 PARTITION BY note_id, note_version, profile ORDER BY coded_at DESC, event_id) = 1;
"""


@dataclass(frozen=True, slots=True)
class PlacedClaim:
    """A claim and where it lies in its topic."""

    partition: int
    offset: int
    claim: ClaimCoded = field(repr=False)


def placed_claims(
    records: Iterable[KafkaRecord], decoder: RecordReader[ClaimCoded]
) -> Iterator[PlacedClaim]:
    """The claims among these records; what is none is passed over."""
    for record in records:
        try:
            claim = decoder.decode(record.value)
        except RejectedEventError:
            continue
        yield PlacedClaim(record.partition, record.offset, claim)


@contextmanager
def side_by_side(
    shadow: Iterable[PlacedClaim], live: Iterable[PlacedClaim], folder: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the views ``shadow``, ``live`` and ``live_current``; raises OSError.

    ``live`` has each claim of the notes that ``shadow`` has, ``live_current`` of each version of them
    the claim that counts. The files are in ``folder`` as long as the connection is open.
    """
    with TemporaryDirectory(dir=folder, prefix="sides-") as work, duckdb.connect() as connection:
        files = {"shadow": Path(work) / "shadow.parquet", "live": Path(work) / "live.parquet"}
        notes: set[str] = set()
        _write(_noting(shadow, notes), files["shadow"])
        _write(_of_notes(live, notes), files["live"])
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET temp_directory = $folder", {"folder": work})
        connection.execute(VIEWS.format(**files))
        yield connection


def _noting(claims: Iterable[PlacedClaim], notes: set[str]) -> Iterator[PlacedClaim]:
    for placed in claims:
        notes.add(placed.claim.note_id)
        yield placed


def _of_notes(claims: Iterable[PlacedClaim], notes: Collection[str]) -> Iterator[PlacedClaim]:
    return (placed for placed in claims if placed.claim.note_id in notes)


def _write(claims: Iterator[PlacedClaim], path: Path) -> None:
    with pq.ParquetWriter(path, SIDE) as writer:
        while rows := [_row(placed) for placed in islice(claims, ROW_GROUP)]:
            writer.write_table(pa.Table.from_pylist(rows, schema=SIDE))


def _row(placed: PlacedClaim) -> dict[str, object]:
    claim = placed.claim
    return {
        "event_id": claim.event_id,
        "note_id": claim.note_id,
        "note_version": claim.note_version,
        "profile": claim.profile.value,
        "encounter_id": claim.encounter_id,
        "supersedes": claim.supersedes,
        "model_version": claim.model_version,
        "code_set": claim.code_set,
        "coded_at": claim.coded_at,
        "source_partition": placed.partition,
        "source_offset": placed.offset,
        "diagnoses": [
            {
                "code": d.code,
                "rank": d.rank,
                "band": d.band.value,
                "hcc": d.hcc,
                "probability": d.probability,
            }
            for d in claim.diagnoses
        ],
    }
