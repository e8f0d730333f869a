"""How what comes in and what is coded change over time, asked of the lake by `codemychart lake sql`."""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ui.commands import Run, run, said

DAYS = 180  # of the lake that are looked at, from its newest claim back
NAMES = (
    20  # the commonest of a kind; all others are one: of rare ones chance alone makes a distance
)
LEAST = 100  # a period of fewer is told by no distance
LEAST_SHARE = 1e-4  # of a kind that a period has none of: the index would be endless
LIKE, OTHER = (
    0.1,
    0.25,
)  # below: the same people; above: others (Siddiqi, Credit Risk Scorecards, 2006)
QUERY = f"""
WITH recent AS (
  SELECT event_id, coded_at, encounter_class FROM claims
  WHERE coded_at >= (SELECT max(coded_at) FROM claims) - INTERVAL {DAYS} DAY),
span AS (SELECT CASE WHEN max(coded_at) - min(coded_at) < INTERVAL 1 HOUR THEN 'minute'
  WHEN max(coded_at) - min(coded_at) < INTERVAL 3 DAY THEN 'hour' ELSE 'day' END AS unit FROM recent),
timed AS (SELECT *, date_trunc((SELECT unit FROM span), coded_at) AS period FROM recent),
coded AS (SELECT period, code, band FROM timed JOIN diagnoses USING (event_id))
SELECT epoch(period) AS at, 'encounter' AS kind, encounter_class AS name, count(*) AS number
FROM timed GROUP BY ALL
UNION ALL SELECT epoch(period), 'category', left(code, 3), count(*) FROM coded GROUP BY ALL
UNION ALL SELECT epoch(period), 'band', band, count(*) FROM coded GROUP BY ALL
ORDER BY 1, 2, 3
"""  # noqa: S608 - a number of ours
KINDS = {"encounter": "encounters", "category": "code categories", "band": "bands"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """So many of this name among the ones of a kind, in the period that begins then."""

    at: datetime
    kind: str
    name: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How far a period is from all periods together: the population stability index, 0 for no way."""

    at: datetime
    kind: str
    index: float


def counted(start: Run = run) -> list[Counted]:
    """The counts of the lake, oldest first; none where nothing has landed.

    Raises UnavailableError when the lake cannot be asked.
    """
    lines = said(["lake", "sql", QUERY, "--json"], start).splitlines()
    rows = [json.loads(line) for line in lines]
    return [
        Counted(
            at=datetime.fromtimestamp(float(row["at"]), UTC),
            kind=str(row["kind"]),
            name=str(row["name"]),
            number=int(row["number"]),
        )
        for row in rows
    ]


def distances(found: Sequence[Counted]) -> list[Distance]:
    """Of each period that holds enough, by kind, oldest first."""
    common = {kind: {*most_common(found, kind, NAMES)} for kind in KINDS}
    by_period: dict[tuple[str, datetime], Counter[str]] = {}
    together: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for one in found:
        name = one.name if one.name in common[one.kind] else ""
        by_period.setdefault((one.kind, one.at), Counter())[name] += one.number
        together[one.kind][name] += one.number
    return [
        Distance(at=at, kind=kind, index=stability(names, together[kind]))
        for (kind, at), names in sorted(by_period.items())
        if names.total() >= LEAST
    ]


def stability(found: Mapping[str, int], expected: Mapping[str, int]) -> float:
    """The population stability index: the sum of (p - q) ln(p / q) over the names.

    Both hold at least one; it is the same whichever of the two is the expected one.
    """
    of_found, of_expected = sum(found.values()), sum(expected.values())
    pairs = [
        (
            max(found.get(name, 0) / of_found, LEAST_SHARE),
            max(expected.get(name, 0) / of_expected, LEAST_SHARE),
        )
        for name in {*found, *expected}
    ]
    return sum((p - q) * math.log(p / q) for p, q in pairs)


def most_common(found: Sequence[Counted], kind: str, most: int) -> list[str]:
    """The names of a kind that come most often."""
    totals: Counter[str] = Counter()
    for one in found:
        if one.kind == kind:
            totals[one.name] += one.number
    return [name for name, _ in totals.most_common(most)]
