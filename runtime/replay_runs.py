"""A replay's run on disk: what it was asked for, how far it is, and its report.

A run has a folder of its own below ``<state folder>/replays``. What is asked for names it, so the same
command finds the same run and goes on with it. How far it is is written after the broker holds the
claims: a kill in between repeats a batch, and the repeat is the same events.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from clinical_coding.claim import Profile
from clinical_coding.errors import StorageError
from runtime.file_lock import held
from runtime.progress import Progress

FOLDER, PLAN, STATE, LOCK = "replays", "run.json", "state.json", "lock"
NAME_CHARACTERS = 12
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRequest:
    """What is recoded, with what, and whereto; two equal requests are one run.

    ``until`` is not part of the window; no encounters means all. ``code_sets`` is the folder of
    further releases, None for none, ``into`` the topic asked for, None for the run's own.
    """

    since: datetime
    until: datetime
    encounters: tuple[str, ...]
    model_version: str
    encoder: str
    code_sets: str | None
    profile: Profile
    notes_topic: str
    into: str | None

    @property
    def run(self) -> str:
        """The name of the run."""
        return hashlib.sha256(_REQUEST.dump_json(self)).hexdigest()[:NAME_CHARACTERS]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayPlan:
    """A request as offsets of the note topic: [begin, end) for each partition.

    ``cut`` has the partitions that no longer hold their records from before their first one, by
    retention: some of the window may be among them.
    """

    request: ReplayRequest
    topic: str
    begin: Mapping[int, int]
    end: Mapping[int, int]
    cut: tuple[int, ...]
    planned_at: datetime

    @property
    def records(self) -> int:
        """How many records the window holds, of all encounters."""
        return sum(self.end.values()) - sum(self.begin.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A note that the artifact could not code."""

    partition: int
    offset: int
    error_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayState:
    """How far a run is: ``places`` has the next offset of each partition.

    ``read`` counts records, ``coded`` claims and ``refused`` notes without one, whose first are in
    ``first_refused``. ``took_s`` adds up over restarts.
    """

    places: Mapping[int, int]
    read: int = 0
    coded: int = 0
    refused: int = 0
    first_refused: tuple[Refused, ...] = ()
    took_s: float = 0.0
    is_complete: bool = False
    promoted_at: datetime | None = None


_REQUEST = TypeAdapter(ReplayRequest)
_PLAN, _STATE = TypeAdapter(ReplayPlan), TypeAdapter(ReplayState)


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of one run; every method raises StorageError when the disk refuses."""

    path: Path

    @property
    def name(self) -> str:
        """The run's name."""
        return self.path.name

    def plan(self) -> ReplayPlan | None:
        """What the run is; None where there is no such run."""
        return self._read(PLAN, _PLAN)

    def state(self) -> ReplayState | None:
        """How far it is; None where it has not begun."""
        return self._read(STATE, _STATE)

    def save_plan(self, plan: ReplayPlan) -> None:
        """Keep it, whole or not at all."""
        self.write(PLAN, _PLAN.dump_json(plan, indent=1))

    def save_state(self, state: ReplayState) -> None:
        """Keep it, whole or not at all."""
        self.write(STATE, _STATE.dump_json(state, indent=1))

    def write(self, name: str, content: bytes) -> None:
        """A file of the run, whole or not at all, also after a kill."""
        with self._translated():
            new = self.path / f"{name}.new"
            new.write_bytes(content)
            new.replace(self.path / name)

    @contextmanager
    def hold(self, progress: Progress) -> Iterator[None]:
        """Wait until no other process works on the run, and keep others away."""
        with self._translated():
            self.path.mkdir(parents=True, exist_ok=True)
        with held(self.path / LOCK, lambda: progress("waiting for the process that has it", 0, 0)):
            yield

    def remove(self) -> None:
        """Delete the folder."""
        with self._translated():
            shutil.rmtree(self.path, ignore_errors=False)

    def _read(self, name: str, kind: TypeAdapter[T]) -> T | None:
        with self._translated():
            path = self.path / name
            if not path.exists():
                return None
            content = path.read_bytes()
        try:
            return kind.validate_json(content)
        except ValidationError:
            raise StorageError(
                f"expected the {name} of a replay; got another file of {len(content)} bytes at "
                f"{path}; delete the folder of the run"
            ) from None

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(
                f"expected a folder that can be written at {self.path}; got "
                f"{os.strerror(error.errno or 0)}; check CMC_STATE_DIR and the space on its disk"
            ) from None


def run_folder(state_dir: Path, run: str) -> RunFolder:
    """The folder of a run, whether it is there or not."""
    return RunFolder(state_dir / FOLDER / run)


def runs(state_dir: Path) -> tuple[RunFolder, ...]:
    """The folders of all runs, the one that was planned last at the end."""
    found = [RunFolder(path.parent) for path in (state_dir / FOLDER).glob(f"*/{PLAN}")]
    planned = {folder.name: plan.planned_at for folder in found if (plan := folder.plan())}
    return tuple(sorted(found, key=lambda folder: planned[folder.name]))
