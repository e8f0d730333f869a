"""How everything stands, as tables."""

import html
from collections.abc import Mapping, Sequence
from datetime import datetime

from runtime.kafka_group import Place
from runtime.kept_reconciliation import KeptReconciliation
from schemas.dead_letter import DeadLetter
from ui.progress import span
from ui.standing import Stands
from ui.theme import table_html

MARKS = {"running": "● running", "stopped": "○ stopped", "crashed": "▲ crashed"}
BAR_REM = 8  # of the longest bar
MUST_BE_NONE = ("missing", "doubled", "not_landed")
MEANINGS = {
    "notes": "versions in the note topic",
    "claims": "note versions with a claim",
    "dead_letters": "refused, bytes kept",
    "in_flight": "not acknowledged yet",
    "missing": "acknowledged, no outcome",
    "doubled": "more than one claim",
    "repeats": "the same event again, harmless",
    "claim_events": "different claims in the claim topic",
    "landed": "claims in the lake",
    "not_landed": "claims that the lake lacks",
}


def processes_html(found: Sequence[Stands]) -> str:
    """Each process and service with a mark of its state, and what it says of itself."""
    rows = [
        (
            html.escape(one.name),
            _marked(MARKS[one.state] if one.is_well else f"▲ {one.state}", is_well=one.is_well),
            html.escape(one.says),
        )
        for one in found
    ]
    return _section("On this machine", ("process", "state", "says"), rows)


def lag_html(places: Mapping[int, Place]) -> str:
    """The lag of each partition as a number and a bar, and of all together."""
    most = max((place.lag for place in places.values()), default=0) or 1
    total = sum(place.lag for place in places.values())
    rows = [
        (
            str(number),
            f"{place.committed:,}",
            f"{place.end:,}",
            f'<i class="cmc-lag" style="width:{BAR_REM * place.lag / most:.1f}rem"></i> {place.lag:,}',
        )
        for number, place in sorted(places.items())
    ]
    rows.append(("all", "", "", f"{total:,}"))
    heads = ("partition", "acknowledged up to", "written up to", "notes behind")
    return _section("Lag of the coding workers", heads, rows)


def letters_html(classes: Mapping[str, int]) -> str:
    """The dead letters that stand, by the class of their error, most first."""
    if not classes:
        return '<h2 class="cmc-title">Dead letters</h2><p class="cmc-dim">None.</p>'
    rows = [(html.escape(name), f"{count:,}") for name, count in most_first(classes)]
    return _section("Dead letters", ("error class", "letters"), rows)


def most_first(classes: Mapping[str, int]) -> list[tuple[str, int]]:
    """The classes with their counts."""
    return sorted(classes.items(), key=lambda one: (-one[1], one[0]))


def each_letter_html(letters: Sequence[DeadLetter], now: datetime) -> str:
    """The newest dead letters one by one, to unfold: each by its place in the note topic."""
    rows = [
        (
            f"<code>{one.source_partition}:{one.source_offset}</code>",
            html.escape(one.error_class),
            str(one.attempt),
            f"{span(now - one.last_seen)} ago",
        )
        for one in letters
    ]
    if not rows:
        return ""
    heads = ("partition:offset", "error class", "attempt", "refused")
    table = table_html("Newest dead letters", heads, rows)
    return (
        '<details class="cmc-fold"><summary>The newest, one by one</summary>'
        f'<div class="cmc-short" tabindex="0">{table}</div></details>'
    )


def reconciliation_html(found: KeptReconciliation, now: datetime) -> str:
    """The counts of the last reconciliation; what must be none is marked where it is not."""
    rows = [
        (
            name.replace("_", " "),
            _marked(f"{count:,}", is_well=not (count and name in MUST_BE_NONE)),
            MEANINGS[name],
        )
        for name, count in found.counts.items()
        if count is not None and name in MEANINGS
    ]
    title = f"Last reconciliation, {span(now - found.at)} ago"
    return _section(title, ("count of", "number", "meaning"), rows)


def _section(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return f'<h2 class="cmc-title">{html.escape(title)}</h2>{table_html(title, heads, rows)}'


def _marked(words: str, *, is_well: bool) -> str:
    return words if is_well else f'<b class="cmc-review">{words}</b>'
