"""A short plan of faults on the whole pipeline; the long one is ``make chaos`` (docs/chaos.md)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.settings import FolderSettings
from tests.chaos.plan import Fault, Kind, Plan, Target
from tests.chaos.run import run
from tests.chaos.stack import Sizes

pytestmark = pytest.mark.timeout(600)
TAIL_CHARACTERS = 3000


def _fault(at_note: int, target: Target, kind: Kind, for_s: float = 0.0) -> Fault:
    return Fault(kind=kind, target=target, at_note=at_note, for_s=for_s, which=0)


PLAN = Plan(
    seed=5,
    notes=1000,
    faults=(
        _fault(150, Target.LANDING, Kind.KILL),
        _fault(200, Target.MODEL, Kind.RAISES),
        _fault(300, Target.REGISTRY, Kind.AWAY, for_s=4.0),
        _fault(450, Target.PRODUCER, Kind.KILL),
        _fault(600, Target.BROKER, Kind.MID_BATCH),
        _fault(850, Target.WORKER, Kind.PAUSE, for_s=12.0),
    ),
)


@pytest.fixture
def tell(tmp_path: Path) -> Callable[[str], None]:
    def told(what: str) -> None:
        with (tmp_path / "told").open("a") as file:
            file.write(f"{what}\n")

    return told


def test_under_faults_every_acknowledged_note_is_one_current_claim_or_one_dead_letter(
    tmp_path: Path, own_folders: FolderSettings, tell: Callable[[str], None]
) -> None:
    """Only the note on which the model raises is a dead letter, and nobody had to help."""
    sizes = Sizes(workers=2, rate=40, engine="fake")

    report = run(PLAN, sizes, tmp_path, own_folders.cache_dir, None, tell)

    told = _told(tmp_path)
    assert (report.verdict.missing, report.verdict.doubled) == (0, 0), told
    assert report.verdict.dead_lettered == 1, told
    assert report.reconciliation.claims == PLAN.notes - 1, told
    assert len(report.verdict.recovered_s) == len(PLAN.faults), told
    assert report.disordered == 0, told
    assert report.hands == (), told


def _told(folder: Path) -> str:
    """What the run said, and the end of each process's log."""
    logs = sorted((folder / "logs").glob("*.log"))
    ends = (f"--- {log.name}\n{log.read_text(errors='replace')[-TAIL_CHARACTERS:]}" for log in logs)
    return "\n".join(((folder / "told").read_text(), *ends))
