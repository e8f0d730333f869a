"""The report of a replay: one page, the same as JSON, and two Parquet tables. Ids and codes, never text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb
from pydantic import TypeAdapter

from consumers.claim_diff import write_table
from runtime.replay_runs import ReplayPlan, ReplayState, RunFolder
from schemas.claim_diff import ClaimDiff, CodeCounts

PAGE, JSON, CODES, NOTES = "diff.md", "diff.json", "codes.parquet", "notes.parquet"
LISTED_CODES = 30
COUNTED = ("before", "after", "same", "added", "removed", "reordered")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """What was recoded and what it would change."""

    run: str
    plan: ReplayPlan
    state: ReplayState
    diff: ClaimDiff


_REPORT = TypeAdapter(ReplayReport)


def write_report(report: ReplayReport, sides: duckdb.DuckDBPyConnection, folder: RunFolder) -> None:
    """The report into the run's folder: diff.md, diff.json, codes.parquet and notes.parquet.

    ``codes`` has a row for each code of either claim of each note, ``notes`` one for each note version.
    """
    write_table(sides, "codes", str(folder.path / CODES))
    write_table(sides, "notes", str(folder.path / NOTES))
    folder.write(JSON, json_of(report))
    folder.write(PAGE, page(report).encode())


def json_of(report: ReplayReport) -> bytes:
    """The report as one JSON object."""
    return _REPORT.dump_json(report, indent=1)


def page(report: ReplayReport) -> str:
    """The report in Markdown."""
    diff = report.diff
    sections = (
        f"# Replay {report.run}\n",
        _list(told(report)),
        "## Codes\n",
        _counts("", [diff.codes]),
        f"## By code, the {LISTED_CODES} that changed most\n",
        _counts("code", diff.by_code[:LISTED_CODES]),
        "## By chapter\n",
        _counts("chapter", diff.by_chapter),
        "## By CMS-HCC category\n",
        _counts("HCC", diff.by_hcc),
        "## By band\n",
        _table(("before", "after", "codes"), [(b.before, b.after, b.codes) for b in diff.bands]),
        "## Notes that changed most\n",
        _table(
            ("note", "version", "encounter", "before", "after"),
            [
                (n.note_id, n.note_version, n.encounter_id, _codes(n.codes_before),
                 _codes(n.codes_after))
                for n in diff.most_changed
            ],
        ),
    )  # fmt: skip
    return "\n".join(sections)


def told(report: ReplayReport) -> list[str]:
    """What was recoded and the outcome, a line each."""
    plan, state, notes = report.plan, report.state, report.diff.notes
    request = plan.request
    lines = [
        f"window {request.since.isoformat()} to {request.until.isoformat()} of {request.notes_topic}",
        f"model {request.model_version}, encoder {request.encoder}, profile {request.profile}",
        f"claims in {plan.topic}",
        f"{state.read} of {plan.records} records read, {state.coded} claims made, {state.refused} "
        f"notes refused, {rate(state):.1f} notes a second",
        f"{notes.compared} claims compared: {notes.same} the same, {notes.with_added} with codes "
        f"added, {notes.with_removed} removed, {notes.with_reordered} reordered, "
        f"{notes.with_other_band} in another band, {notes.with_other_first_code} with another first "
        "code",
        f"{notes.without_claim} without a current claim to compare with",
    ]
    return lines + _warnings(plan, state)


def rate(state: ReplayState) -> float:
    """Notes a second, the reading of the topic not counted."""
    return (state.coded + state.refused) / state.took_s if state.took_s else 0.0


def _warnings(plan: ReplayPlan, state: ReplayState) -> list[str]:
    lines = []
    if plan.cut:
        numbers = ", ".join(map(str, plan.cut))
        lines.append(
            f"retention has deleted what partition {numbers} held before its first record, which is "
            "inside the window: notes of the window may be gone"
        )
    if state.is_complete and state.read < plan.records:
        lines.append(f"{plan.records - state.read} records were deleted while it was read")
    lines += [
        f"refused: partition {r.partition} offset {r.offset}, {r.error_class}"
        for r in state.first_refused
    ]
    return lines


def _counts(name: str, groups: Iterable[CodeCounts]) -> str:
    rows = [(g.name, g.before, g.after, g.same, g.added, g.removed, g.reordered) for g in groups]
    return _table((name, *COUNTED), rows)


def _codes(codes: Sequence[str]) -> str:
    return " ".join(codes) or "no codes"


def _list(lines: Iterable[str]) -> str:
    return "".join(f"- {line}\n" for line in lines)


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    if not rows:
        return "None.\n"
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)
