"""Two models side by side, as tables."""

import html
from collections.abc import Iterable, Sequence

from schemas.claim_diff import CodeCounts
from ui.replays import ReplayReport, changed_most
from ui.theme import table_html

MOST_CODES, MOST_NOTES = 20, 20
SIDES = ("claims that count", "replay")


def sides_html(report: ReplayReport) -> str:
    """The codes of both, and what became of the claims."""
    notes, codes = report.diff.notes, report.diff.codes
    rows = [
        ("codes", f"{codes.before:,}", f"{codes.after:,}"),
        ("codes of one alone", f"{codes.removed:,}", f"{codes.added:,}"),
        ("codes of both, in their order", f"{codes.same:,}", f"{codes.same:,}"),
        ("codes of both, elsewhere in the order", f"{codes.reordered:,}", f"{codes.reordered:,}"),
    ]
    claims = [
        ("compared", notes.compared),
        ("the same", notes.same),
        ("with codes added", notes.with_added),
        ("with codes removed", notes.with_removed),
        ("with another order", notes.with_reordered),
        ("with another band", notes.with_other_band),
        ("with another first code", notes.with_other_first_code),
        ("without a claim to compare with", notes.without_claim),
    ]
    return table_html("Codes by both models", ("", *SIDES), rows) + table_html(
        "Claims compared", ("claims", ""), [(words, f"{number:,}") for words, number in claims]
    )


def changes_html(report: ReplayReport) -> str:
    """What changed, by code and by chapter, from band to band, and in which notes most."""
    diff = report.diff
    moves = [(html.escape(b.before), html.escape(b.after), f"{b.codes:,}") for b in diff.bands]
    notes = [
        (
            html.escape(f"{note.note_id} v{note.note_version}"),
            _codes(note.codes_before, note.codes_after),
            _codes(note.codes_after, note.codes_before),
        )
        for note in diff.most_changed[:MOST_NOTES]
    ]
    return (
        _fold("By code, the most changed", _table("Codes changed", "code",
              changed_most(diff.by_code, MOST_CODES)), is_open=True)
        + _fold("By chapter", _table("Chapters", "chapter", diff.by_chapter))
        + _fold("From band to band", table_html("Bands", (*SIDES, "codes"), moves))
        + _fold("Notes that changed most", table_html("Notes changed", ("note", *SIDES), notes))
    )  # fmt: skip


def _table(label: str, name: str, groups: Iterable[CodeCounts]) -> str:
    rows = [
        (
            html.escape(g.name),
            *(f"{n:,}" for n in (g.before, g.after, g.added, g.removed, g.reordered)),
        )
        for g in groups
    ]
    return table_html(label, (name, *SIDES, "added", "removed", "reordered"), rows)


def _codes(codes: Sequence[str], other: Sequence[str]) -> str:
    """A claim's codes; what the other one does not have is told by weight as well as by colour."""
    return (
        " ".join(
            html.escape(code) if code in other else f'<b class="cmc-review">{html.escape(code)}</b>'
            for code in codes
        )
        or "no codes"
    )


def _fold(title: str, table: str, *, is_open: bool = False) -> str:
    state = " open" if is_open else ""
    return f'<details class="cmc-fold"{state}><summary>{title}</summary>{table}</details>'
