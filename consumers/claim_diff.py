"""What a replay would change: its claims against those that count now, code by code.

What the counts mean is told in schemas/claim_diff.py.
"""

from collections.abc import Callable
from typing import Literal, TypeVar

import duckdb
import pyarrow as pa
from pydantic import TypeAdapter

from schemas.claim_diff import BandCount, ChangedNote, ClaimDiff, CodeCounts, NoteCounts

# 'none' is the band of a code that the claim does not have, the chapter or HCC of a code without one.
CODES = """
CREATE TABLE codes AS
WITH before AS (
  SELECT note_id, note_version, profile, encounter_id, unnest(diagnoses, recursive := true)
  FROM live_current SEMI JOIN shadow USING (note_id, note_version, profile)),
after AS (
  SELECT note_id, note_version, profile, encounter_id, unnest(diagnoses, recursive := true)
  FROM shadow SEMI JOIN live_current USING (note_id, note_version, profile)),
joined AS (
  SELECT note_id, note_version, profile, code,
    coalesce(a.encounter_id, b.encounter_id) AS encounter_id,
    coalesce(a.hcc, b.hcc, 'none') AS hcc,
    b.rank AS rank_before, a.rank AS rank_after,
    coalesce(b.band, 'none') AS band_before, coalesce(a.band, 'none') AS band_after,
    b.probability AS probability_before, a.probability AS probability_after,
    a.rank IS NOT NULL AND b.rank IS NOT NULL AS in_both
  FROM after a FULL JOIN before b USING (note_id, note_version, profile, code)),
placed AS (
  SELECT *, row_number() OVER (one ORDER BY rank_before) AS place_before,
    row_number() OVER (one ORDER BY rank_after) AS place_after
  FROM joined WINDOW one AS (PARTITION BY note_id, note_version, profile, in_both))
SELECT placed.* EXCLUDE (in_both, place_before, place_after), coalesce(chapter, 'none') AS chapter,
  CASE WHEN rank_before IS NULL THEN 'added' WHEN rank_after IS NULL THEN 'removed'
       WHEN place_before <> place_after THEN 'reordered' ELSE 'same' END AS change
FROM placed LEFT JOIN chapters USING (code)
ORDER BY note_id, note_version, profile, coalesce(rank_after, rank_before), code
"""
NOTES = """
CREATE TABLE notes AS
WITH changed AS (
  SELECT note_id, note_version, profile,
    count(*) FILTER (change = 'added') AS added, count(*) FILTER (change = 'removed') AS removed,
    count(*) FILTER (change = 'reordered') AS reordered,
    count(*) FILTER (change IN ('same', 'reordered') AND band_before <> band_after) AS rebanded
  FROM codes GROUP BY ALL)
SELECT s.note_id, s.note_version, s.profile, s.encounter_id,
  l.event_id AS event_before, s.event_id AS event_after,
  list_transform(list_sort(l.diagnoses), lambda d: d.code) AS codes_before,
  list_transform(list_sort(s.diagnoses), lambda d: d.code) AS codes_after,
  coalesce(added, 0) AS added, coalesce(removed, 0) AS removed,
  coalesce(reordered, 0) AS reordered, coalesce(rebanded, 0) AS rebanded
FROM shadow s LEFT JOIN live_current l USING (note_id, note_version, profile)
LEFT JOIN changed USING (note_id, note_version, profile)
ORDER BY s.note_id, s.note_version, s.profile
"""
NOTE_COUNTS = """
SELECT count(event_before) AS compared,
  count(event_before) FILTER (added + removed + reordered + rebanded = 0) AS same,
  count(event_before) FILTER (added > 0) AS with_added,
  count(event_before) FILTER (removed > 0) AS with_removed,
  count(event_before) FILTER (reordered > 0) AS with_reordered,
  count(event_before) FILTER (rebanded > 0) AS with_other_band,
  count(event_before) FILTER (codes_before[1] IS DISTINCT FROM codes_after[1])
    AS with_other_first_code,
  count(*) FILTER (event_before IS NULL) AS without_claim
FROM notes
"""
CODE_COUNTS = """
SELECT {name} AS name, count(rank_before) AS before, count(rank_after) AS after,
  count(*) FILTER (change = 'same') AS same, count(*) FILTER (change = 'added') AS added,
  count(*) FILTER (change = 'removed') AS removed,
  count(*) FILTER (change = 'reordered') AS reordered
FROM codes {grouped} ORDER BY count(*) FILTER (change <> 'same') DESC, 1
"""
BAND_COUNTS = """
SELECT band_before AS before, band_after AS after, count(*) AS codes
FROM codes GROUP BY ALL ORDER BY ALL
"""
MOST_CHANGED = """
SELECT note_id, note_version, encounter_id, codes_before, codes_after, added, removed, reordered,
  rebanded FROM notes WHERE event_before IS NOT NULL AND added + removed + reordered + rebanded > 0
ORDER BY added + removed DESC, reordered DESC, rebanded DESC, note_id, note_version
LIMIT 20
"""
R = TypeVar("R")
Table = Literal["codes", "notes"]


def diff_claims(
    sides: duckdb.DuckDBPyConnection, chapter_of: Callable[[str], int | None]
) -> ClaimDiff:
    """Hold both sides together (``claim_sides.side_by_side``).

    Leaves the tables ``codes`` and ``notes`` in the connection, a row for each code of either claim
    and for each note version. ``chapter_of`` gives a code's chapter, 1..22.
    """
    _register_chapters(sides, chapter_of)
    sides.execute(CODES)
    sides.execute(NOTES)
    (total,) = _code_counts(sides, "'all'", "")
    return ClaimDiff(
        notes=_rows(sides, NOTE_COUNTS, NoteCounts)[0],
        codes=total,
        by_code=_code_counts(sides, "code"),
        by_chapter=_code_counts(sides, "chapter"),
        by_hcc=_code_counts(sides, "hcc"),
        bands=_rows(sides, BAND_COUNTS, BandCount),
        most_changed=_rows(sides, MOST_CHANGED, ChangedNote),
    )


def write_table(sides: duckdb.DuckDBPyConnection, table: Table, path: str) -> None:
    """One of the tables that ``diff_claims`` left, as a Parquet file."""
    sides.table(table).write_parquet(path)


def _register_chapters(
    sides: duckdb.DuckDBPyConnection, chapter_of: Callable[[str], int | None]
) -> None:
    """The chapter of each code on either side, as the table ``chapters``."""
    of_side = "SELECT unnest(diagnoses).code FROM {}"
    both = f"{of_side.format('shadow')} UNION {of_side.format('live_current')}"
    codes = [str(code) for (code,) in sides.execute(both).fetchall()]
    known = {code: chapter_of(code) for code in codes}
    names = [None if chapter is None else f"{chapter}" for chapter in known.values()]
    schema = pa.schema([("code", pa.string()), ("chapter", pa.string())])
    sides.register("chapters", pa.table([list(known), names], schema=schema))


def _code_counts(
    sides: duckdb.DuckDBPyConnection, name: str, grouped: str = "GROUP BY 1"
) -> tuple[CodeCounts, ...]:
    return _rows(sides, CODE_COUNTS.format(name=name, grouped=grouped), CodeCounts)


def _rows(sides: duckdb.DuckDBPyConnection, query: str, kind: type[R]) -> tuple[R, ...]:
    """The answer's rows as records, by the columns' names."""
    answer, record = sides.execute(query), TypeAdapter(kind)
    names = [str(column[0]) for column in answer.description]
    rows = (dict(zip(names, row, strict=True)) for row in answer.fetchall())
    return tuple(record.validate_python(row) for row in rows)
