"""Pictures of change over time; what is told apart by colour is told apart by shape as well."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import altair as alt

from clinical_coding.claim import Band
from ui.drift import KINDS, LIKE, OTHER, Counted, Distance, most_common
from ui.evaluation_charts import HEIGHT, PADDING, Rows

# Okabe and Ito's, without the yellow that white swallows.
PALETTE = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#808080"]
SHAPES = ["circle", "triangle-up", "square", "diamond", "cross", "triangle-down", "stroke"]
MOST_NAMES = 6  # in one picture
# Names that have their colour and shape on every page.
KNOWN = {Band.SUBMIT: ("#009e73", "circle"), Band.REVIEW: ("#d55e00", "diamond")}


def shares_chart(
    found: Sequence[Counted], kind: str, words: Mapping[str, str] | None = None
) -> alt.Chart:
    """The share of each of the commonest names in each period; ``words`` are what names are called."""
    shown = most_common(found, kind, MOST_NAMES)
    totals: dict[datetime, int] = {}
    parts: dict[tuple[datetime, str], int] = {}
    for one in found:
        if one.kind == kind:
            totals[one.at] = totals.get(one.at, 0) + one.number
            called = (words or {}).get(one.name, one.name)
            if one.name in shown:
                parts[one.at, called] = parts.get((one.at, called), 0) + one.number
    rows: Rows = [
        {"at": at.isoformat(), "name": name, "share": number / totals[at], "number": number}
        for (at, name), number in parts.items()
    ]
    lines = _lines(rows, "share", f"share of {KINDS[kind]}", axis_format=".0%")
    shown_chart: alt.Chart = lines.properties(height=HEIGHT, padding=PADDING)
    return shown_chart


def distance_chart(found: Sequence[Distance]) -> alt.LayerChart | alt.FacetChart:
    """How far each period is from all together; the dashed lines part like, changed and other."""
    rows: Rows = [
        {"at": one.at.isoformat(), "name": KINDS[one.kind], "index": one.index} for one in found
    ]
    bars = (
        alt.Chart(alt.InlineData(values=[{"index": LIKE}, {"index": OTHER}]))
        .mark_rule(strokeDash=[4, 4], color="gray")
        .encode(y="index:Q")
    )
    lines = _lines(rows, "index", "population stability index")
    return alt.layer(bars, lines).properties(height=HEIGHT, padding=PADDING)


def _moments(rows: Rows) -> alt.Axis:
    """Hours where the periods are of one day, else days; by the day's 24 hours."""
    days = {str(row["at"])[:10] for row in rows}
    return alt.Axis(format="%H:%M" if len(days) == 1 else "%d %b", labelOverlap=True, tickCount=8)


def _lines(rows: Rows, number: str, title: str, axis_format: str = "") -> alt.Chart:
    names = sorted({str(row["name"]) for row in rows})
    others = iter(zip(PALETTE, SHAPES, strict=True))
    looks = [KNOWN[Band(name)] if name in set(Band) else next(others) for name in names]
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_line(point={"size": 60, "filled": True})
        .encode(
            x=alt.X("at:T", title="coded, UTC", scale=alt.Scale(type="utc"), axis=_moments(rows)),
            y=alt.Y(f"{number}:Q", title=title, axis=alt.Axis(format=axis_format)),
            color=alt.Color(
                "name:N", title=None, scale=alt.Scale(domain=names, range=[c for c, _ in looks])
            ),
            shape=alt.Shape(
                "name:N", title=None, scale=alt.Scale(domain=names, range=[s for _, s in looks])
            ),
            tooltip=["at:T", "name:N", f"{number}:Q"],
        )
    )
    return chart
