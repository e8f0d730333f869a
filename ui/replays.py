"""The reports of replays, as `codemychart replay` writes them: two models on the same notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from clinical_coding.errors import StorageError
from runtime.replay_runs import ReplayPlan, ReplayState, RunFolder, runs

REPORT = "diff.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """How many claims were compared, and how many differ in what."""

    compared: int
    same: int
    with_added: int
    with_removed: int
    with_reordered: int
    with_other_band: int
    with_other_first_code: int
    without_claim: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """Codes of one name in the claims that count and in the replay's."""

    name: str
    before: int
    after: int
    same: int
    added: int
    removed: int
    reordered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Codes that were in one band and are in the other."""

    before: str
    after: str
    codes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedNote:
    """A note's codes by both."""

    note_id: str
    note_version: int
    codes_before: tuple[str, ...]
    codes_after: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What the replay would change."""

    notes: Notes
    codes: Codes
    by_code: tuple[Codes, ...]
    by_chapter: tuple[Codes, ...]
    bands: tuple[Bands, ...]
    most_changed: tuple[ChangedNote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """One run."""

    run: str
    plan: ReplayPlan
    state: ReplayState
    diff: Diff

    @property
    def told(self) -> str:
        """The run in words: with what, over which notes."""
        asked = self.plan.request
        window = f"{asked.since:%d %b %Y %H:%M} to {asked.until:%d %b %Y %H:%M}"
        return f"{asked.model_version} on {window} ({self.run})"


_REPORT = TypeAdapter(ReplayReport)


def reported(state_dir: Path) -> list[RunFolder]:
    """The runs that have a report, the last one first. Raises StorageError."""
    return [run for run in reversed(runs(state_dir)) if (run.path / REPORT).exists()]


def read_replay(folder: RunFolder) -> ReplayReport:
    """The report of a run. Raises StorageError where it is none."""
    try:
        return _REPORT.validate_json((folder.path / REPORT).read_bytes())
    except (OSError, ValidationError) as error:
        raise StorageError(
            f"expected the report of a replay in {folder.path / REPORT}; got "
            f"{type(error).__name__}; run the same `codemychart replay` again"
        ) from None


def changed_most(codes: Sequence[Codes], most: int) -> list[Codes]:
    """Those that were added or removed most often."""
    changed = [one for one in codes if one.added or one.removed or one.reordered]
    return sorted(changed, key=lambda one: -(one.added + one.removed))[:most]
