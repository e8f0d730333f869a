"""Small landed files made into large ones, so that no reader sees a row twice or misses one.

An object store cannot swap several files at once, so no row ever moves among the files that one reader
reads: the rows of landed files are written a second time, into the tree ``compacted``, where a file is
made whole and never changed, and a row comes once. The landed files go a day later. Killed at any
moment, the next compaction goes on with the same plan; two at once write the same files, each once.
docs/adr/0023-compaction-adds.md.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path, PurePosixPath

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from pyarrow import fs

from consumers.lake_objects import Objects, file_system, translated
from consumers.lake_rounds import (
    COMPACTED,
    done_at,
    done_name,
    files_with_rows,
    plan_name,
    read_plan,
    round_of,
    rounds_of,
    settled_files,
)
from consumers.landing.columns import CLAIMS, DIAGNOSES, REJECTED, TABLES, Table
from runtime.progress import Progress, silent
from runtime.settings import LandingSettings

ROWS_PER_FILE = 1_000_000  # of a partition in one round; claims take some 100 MiB
ROWS_PER_STEP = 50_000  # that are held at once
OPENED_AT_ONCE = 16
# Diagnoses first, as the landing does: a claim that a reader sees has its diagnoses.
ORDER = (DIAGNOSES, CLAIMS, REJECTED)
NEW_ROWS = """
SELECT * FROM landed ANTI JOIN before USING ({keys})
QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY source_partition, source_offset) = 1
ORDER BY source_partition, source_offset, {keys}
"""


@dataclass(slots=True, kw_only=True)
class Compacted:
    """What a compaction did: rounds, landed files taken, files and rows written, files removed."""

    rounds: int = 0
    files_taken: int = 0
    files_written: int = 0
    rows: int = 0
    files_removed: int = 0


@dataclass(frozen=True, slots=True)
class _Lake:
    settings: LandingSettings
    objects: Objects
    files: fs.FileSystem
    root: str

    def paths(self, names: Iterable[str]) -> list[str]:
        """As pyarrow's file system knows them."""
        return [f"{self.root}/{name}" for name in names]


@dataclass(slots=True, kw_only=True)
class Compaction:
    """One run of `lake compact`; ``at`` is now, ``keep`` how long landed files stay after their round."""

    settings: LandingSettings
    objects: Objects  # of the lake
    at: datetime
    keep: timedelta
    rows_per_file: int = ROWS_PER_FILE  # the same in every run over a lake: a round is cut alike
    progress: Progress = silent
    done: Compacted = field(default_factory=Compacted)

    def run(self) -> Compacted:
        """Finish what was begun, remove what is due, compact what has landed since.

        Raises StorageError when the store does not answer; run again, it goes on.
        """
        lake = _Lake(self.settings, self.objects, *file_system(self.settings))
        with translated(self.settings.lake):
            self._carry_out(lake)
            self._remove(self.objects)
            if _planned(lake):
                self._carry_out(lake)
        return self.done

    def _carry_out(self, lake: _Lake) -> None:
        number = rounds_of(lake.objects).unfinished
        if number is None:
            return
        plan = read_plan(lake.objects, number)
        parts = [(table, part) for table in ORDER for part in plan.get(table.name, {})]
        for count, (table, part) in enumerate(parts, start=1):
            names = plan[table.name][part]
            self._write(lake, number, table, part, names)
            self.done.files_taken += len(names)
            self.progress("partitions compacted", count, len(parts))
        lake.objects.create(done_name(number), json.dumps({"at": self.at.isoformat()}).encode())
        self.done.rounds += 1

    def _write(
        self, lake: _Lake, number: int, table: Table, part: str, names: Sequence[str]
    ) -> None:
        """The rows of one partition that no earlier round has; files that are there already stay."""
        place = f"{COMPACTED}/{table.name}/{part}"
        there = files_with_rows(lake.objects, place)
        before = [name for name in there if round_of(name) < number]
        rows = _new_rows(lake, table, names, before)
        with tempfile.TemporaryDirectory() as folder:
            for count, (file, written) in enumerate(
                _parquet_files(Path(folder), rows, self.rows_per_file)
            ):
                name = f"{place}/{number:08}-{count}.parquet"
                self.done.files_written += lake.objects.create(name, file)
                self.done.rows += written

    def _remove(self, objects: Objects) -> None:
        """Landed files of rounds that were done long enough ago; nobody who began since reads them."""
        rounds = rounds_of(objects)
        for number in sorted(rounds.planned & rounds.done):
            when = done_at(objects, number)
            if when is None or self.at - when < self.keep:
                continue
            taken = read_plan(objects, number)
            names = [n for parts in taken.values() for found in parts.values() for n in found]
            objects.delete(names)
            objects.delete([plan_name(number)])
            self.done.files_removed += len(names)


def _planned(lake: _Lake) -> bool:
    """Plan a round over what no round has taken yet; whether there is anything to do."""
    rounds = rounds_of(lake.objects)
    taken = {
        name
        for number in rounds.planned
        for parts in read_plan(lake.objects, number).values()
        for names in parts.values()
        for name in names
    }
    plan: dict[str, dict[str, list[str]]] = {}
    for table in TABLES:
        for name in settled_files(lake.settings, lake.objects, table):
            if name not in taken:
                part = PurePosixPath(name).parent.name
                plan.setdefault(table.name, {}).setdefault(part, []).append(name)
    if not plan:
        return False
    lake.objects.create(plan_name(rounds.next), json.dumps(plan).encode())
    return True


def _new_rows(
    lake: _Lake, table: Table, names: Sequence[str], before: Sequence[str]
) -> Iterator[pa.Table]:
    """Each row once, in the topic's order, with every column that any of the files has."""
    found = lake.files.get_file_info(lake.paths(names))
    there = [info.path for info in found if info.is_file]  # retention may have removed some since
    if not there:
        return
    with ThreadPoolExecutor(OPENED_AT_ONCE) as threads:
        schemas = threads.map(partial(pq.read_schema, filesystem=lake.files), there)
        schema = pa.unify_schemas([one.remove_metadata() for one in schemas])
    keys = pa.schema([schema.field(key) for key in table.keys])
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("landed", _dataset(lake.files, there, schema))
        connection.register("before", _dataset(lake.files, lake.paths(before), keys))
        query = NEW_ROWS.format(keys=", ".join(table.keys))
        for batch in connection.sql(query).to_arrow_reader(ROWS_PER_STEP):
            yield pa.Table.from_batches([batch]).cast(schema)


def _dataset(files: fs.FileSystem, paths: Sequence[str], schema: pa.Schema) -> ds.Dataset:
    if not paths:
        return ds.dataset(schema.empty_table())
    return ds.dataset(list(paths), schema=schema, filesystem=files, format="parquet")


def _parquet_files(folder: Path, rows: Iterator[pa.Table], size: int) -> Iterator[tuple[Path, int]]:
    """One file after another, each of ``size`` rows but the last, and how many rows it has."""
    file, written = folder / "rows.parquet", 0
    writer: pq.ParquetWriter | None = None
    for step in rows:
        rest = step
        while rest.num_rows:
            writer = writer or pq.ParquetWriter(file, step.schema, compression="zstd")
            part = rest.slice(0, size - written)
            writer.write_table(part)
            rest, written = rest.slice(part.num_rows), written + part.num_rows
            if written == size:
                writer.close()
                yield file, written
                writer, written = None, 0
    if writer:
        writer.close()
        yield file, written
