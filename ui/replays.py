"""The reports of replays, as `codemychart replay` writes them: two models on the same notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from clinical_coding.errors import StorageError
from runtime.replay_runs import ReplayPlan, ReplayState, RunFolder, runs
from schemas.claim_diff import ClaimDiff, CodeCounts

REPORT = "diff.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """One run."""

    run: str
    plan: ReplayPlan
    state: ReplayState
    diff: ClaimDiff

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


def changed_most(codes: Sequence[CodeCounts], most: int) -> list[CodeCounts]:
    """Those that were added or removed most often."""
    changed = [one for one in codes if one.added or one.removed or one.reordered]
    return sorted(changed, key=lambda one: -(one.added + one.removed))[:most]
