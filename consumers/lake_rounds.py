"""Rounds of compaction, and which files of the lake to read after them.

``<lake>/_compaction/<round>.plan.json`` names the landed files whose rows the round writes anew into
``<lake>/compacted/<table>/<partition>=<value>/<round>-<n>.parquet``; ``<round>.done.json`` says that all
are there. Rounds come one after the other: none is planned while one is unfinished. A plan is removed
with the landed files that it names.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import inf
from pathlib import PurePosixPath

from consumers.lake_objects import Objects, checkpoint_of, objects_of
from consumers.landing.columns import Table
from runtime.settings import LandingSettings

COMPACTED = "compacted"
ROUNDS = "_compaction"
PLAN, DONE = ".plan.json", ".done.json"
Files = Mapping[str, Mapping[str, tuple[str, ...]]]  # table, partition's folder: names of files


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """Numbers of the rounds that have a plan, and of those that are done."""

    planned: frozenset[int]
    done: frozenset[int]

    @property
    def unfinished(self) -> int | None:
        """The round that somebody has begun, perhaps a process that was killed."""
        return max(self.planned - self.done, default=None)

    @property
    def next(self) -> int:
        """The number of the round after all others."""
        return max(self.planned | self.done, default=0) + 1


def rounds_of(objects: Objects) -> Rounds:
    """What the lake says of its rounds now."""
    names = [PurePosixPath(name).name for name in objects.names(ROUNDS)]

    def numbers(ending: str) -> frozenset[int]:
        return frozenset(int(n.removesuffix(ending)) for n in names if n.endswith(ending))

    return Rounds(planned=numbers(PLAN), done=numbers(DONE))


def plan_name(number: int) -> str:
    """The object that says what a round takes."""
    return f"{ROUNDS}/{number:08}{PLAN}"


def done_name(number: int) -> str:
    """The object that says that a round is done, and when."""
    return f"{ROUNDS}/{number:08}{DONE}"


def read_plan(objects: Objects, number: int) -> Files:
    """The landed files of a round; none where they are removed already."""
    told = json.loads(objects.read(plan_name(number)) or b"{}")
    return {table: {p: tuple(n) for p, n in parts.items()} for table, parts in told.items()}


def done_at(objects: Objects, number: int) -> datetime | None:
    """When a round was done; None while it is not."""
    told = objects.read(done_name(number))
    return datetime.fromisoformat(json.loads(told)["at"]) if told else None


def files_with_rows(objects: Objects, under: str) -> list[str]:
    """Those that readers read, not what somebody writes just now or left when killed."""
    return [name for name in objects.names(under) if _holds_rows(name)]


def round_of(name: str) -> int:
    """Of a compacted file."""
    return int(PurePosixPath(name).name.partition("-")[0])


def current_files(objects: Objects, table: Table) -> list[str]:
    """The files to read for each row once: compacted ones, and landed ones that no done round has taken."""
    rounds = rounds_of(objects)
    taken = {
        name
        for number in rounds.planned & rounds.done
        for names in read_plan(objects, number).get(table.name, {}).values()
        for name in names
    }
    landed = [name for name in files_with_rows(objects, table.name) if name not in taken]
    compacted = files_with_rows(objects, f"{COMPACTED}/{table.name}")
    return landed + [name for name in compacted if round_of(name) in rounds.done]


def settled_files(settings: LandingSettings, objects: Objects, table: Table) -> Iterator[str]:
    """Landed files that no batch will write anew: a batch that is not committed yet may be."""
    committed = dict(_committed(settings))
    for name in files_with_rows(objects, table.name):
        parts = _parts(name)
        if int(parts.get("batch_id", 0)) <= committed.get(parts.get("query", ""), inf):
            yield name


def _committed(settings: LandingSettings) -> Iterator[tuple[str, int]]:
    """Query and last committed batch of the landing and of its last backfill."""
    for place in (checkpoint_of(settings), f"{checkpoint_of(settings)}-backfill"):
        objects = objects_of(settings, place)
        told = objects.read("metadata")
        if told:
            names = (PurePosixPath(name).name for name in objects.names("commits"))
            batches = (int(name) for name in names if name.isdigit())
            yield json.loads(told)["id"], max(batches, default=-1)


def _parts(name: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in PurePosixPath(name).parts)
    return {key: value for key, _, value in pairs}


def _holds_rows(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return name.endswith(".parquet") and not any(part[0] in "_." for part in parts)
