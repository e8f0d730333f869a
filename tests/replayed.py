"""A replay's report as the command leaves it, without the replay."""

from datetime import UTC, datetime
from pathlib import Path

from clinical_coding.claim import Profile
from consumers.replay_report import ReplayReport, json_of
from runtime.replay_runs import ReplayPlan, ReplayRequest, ReplayState, RunFolder, run_folder
from schemas.claim_diff import BandCount, ChangedNote, ClaimDiff, CodeCounts, NoteCounts

AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def _counts(name: str, added: int) -> CodeCounts:
    return CodeCounts(name=name, before=9, after=9 + added, same=7, added=added, removed=0, reordered=2)  # fmt: skip


def written_replay(state: Path, name: str) -> RunFolder:
    """The folder of a run of model m-2 that took I10 from a note."""
    request = ReplayRequest(
        since=AT, until=AT, encounters=(), model_version="m-2", encoder="e", code_sets=None,
        profile=Profile.CLAIM, notes_topic="t", into=None,
    )  # fmt: skip
    plan = ReplayPlan(request=request, topic="s", begin={0: 0}, end={0: 5}, cut=(), planned_at=AT)
    note = ChangedNote(
        note_id="n<1>", note_version=1, encounter_id="e", codes_before=("R07.9", "I10"),
        codes_after=("R07.9",), added=0, removed=1, reordered=0, rebanded=0,
    )  # fmt: skip
    diff = ClaimDiff(
        notes=NoteCounts(compared=5, same=3, with_added=1, with_removed=1, with_reordered=0,
                         with_other_band=0, with_other_first_code=0, without_claim=2),
        codes=_counts("all", 4), by_code=(_counts("R07.9", 1), _counts("I10", 3)),
        by_chapter=(_counts("9", 4),), by_hcc=(), bands=(BandCount(before="none", after="submit", codes=4),),
        most_changed=(note,),
    )  # fmt: skip
    folder = run_folder(state, name)
    folder.path.mkdir(parents=True)
    folder.save_plan(plan)
    report = ReplayReport(run=name, plan=plan, state=ReplayState(places={0: 5}), diff=diff)
    folder.write("diff.json", json_of(report))
    return folder
