"""Pictures of an evaluation; what is told apart by colour is told apart by shape or dash as well."""

from collections.abc import Mapping

import altair as alt

from clinical_coding.feature_words import FEATURE_WORDS
from ui.evaluation import Bin, Compared, Findings, by_bar

ENGINE, BASELINE = "engine", "baseline"
COLOURS = alt.Scale(domain=[ENGINE, BASELINE], range=["#0072b2", "#d55e00"])
SHAPES = alt.Scale(domain=[ENGINE, BASELINE], range=["circle", "triangle-up"])
DASHES = alt.Scale(domain=[ENGINE, BASELINE], range=[[1, 0], [6, 4]])
SHARE = alt.Scale(domain=[0, 1])
HEIGHT = 300
PADDING = {"left": 10, "right": 16, "top": 6, "bottom": 6}  # no label is cut
MOST_FEATURES = 18
Rows = list[dict[str, object]]


def sides(found: Compared) -> dict[str, Findings]:
    """What was found by the engine and, where there is one, by the baseline."""
    return {ENGINE: found} | ({BASELINE: found.baseline} if found.baseline else {})


def calibration_chart(found: Compared) -> alt.LayerChart | alt.FacetChart:
    """Given probability against the share that was right; on the dashed line both are the same."""
    rows: Rows = [
        {"who": who, **_bin_row(one)}
        for who, side in sides(found).items()
        for one in side.reliability
    ]
    line = (
        alt.Chart(alt.InlineData(values=[{"given": 0, "right": 0}, {"given": 1, "right": 1}]))
        .mark_line(strokeDash=[2, 3], color="gray")
        .encode(x="given:Q", y="right:Q")
    )
    points = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_point(filled=True, opacity=0.9)
        .encode(
            x=alt.X("given:Q", title="probability given", scale=SHARE),
            y=alt.Y("right:Q", title="share that is gold", scale=SHARE),
            size=alt.Size("codes:Q", legend=None, scale=alt.Scale(range=[30, 400])),
            color=alt.Color("who:N", scale=COLOURS, title=None),
            shape=alt.Shape("who:N", scale=SHAPES, title=None),
            tooltip=["who:N", "given:Q", "right:Q", "codes:Q"],
        )
    )
    return alt.layer(line, points).properties(height=HEIGHT, padding=PADDING)


def recall_chart(found: Compared) -> alt.Chart:
    """The share of the gold codes among a note's likeliest candidates, by how many are looked at."""
    rows: Rows = [
        {"who": who, "depth": depth, "recall": recall}
        for who, side in sides(found).items()
        for depth, recall in side.recall_at.items()
    ]
    depth = alt.X("depth:Q", title="candidates looked at", scale=alt.Scale(type="log"))
    return _curves(rows, depth, alt.Y("recall:Q", title="recall", scale=SHARE))


def precision_chart(found: Compared) -> alt.Chart:
    """Precision against recall, by the probability from which on a candidate is reported."""
    rows: Rows = [
        {"who": who, "bar": one.bar, "precision": one.precision, "recall": one.recall}
        for who, side in sides(found).items()
        for one in by_bar(side)
    ]
    recall = alt.X("recall:Q", title="recall", scale=SHARE)
    precision = alt.Y("precision:Q", title="precision", scale=SHARE)
    chart: alt.Chart = _curves(rows, recall, precision).encode(order="bar:Q")
    return chart


def fates_chart(found: Compared) -> alt.Chart:
    """What became of the gold codes: reported, or the step that lost them."""
    rows: Rows = [{"fate": fate, "codes": count} for fate, count in found.gold_codes.items()]
    return _bars(rows, "fate", "codes", "gold codes")


def importance_chart(shares: Mapping[str, float]) -> alt.Chart:
    """The features that the trees gain most by."""
    rows: Rows = [
        {"feature": FEATURE_WORDS[name], "share": share}
        for name, share in list(shares.items())[:MOST_FEATURES]
    ]
    return _bars(rows, "feature", "share", "share of the gain")


def _curves(rows: Rows, x: alt.X, y: alt.Y) -> alt.Chart:
    """A line for each side; a point tells all of its row."""
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_line(point=True)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "who:N", scale=COLOURS, title=None, legend=alt.Legend(symbolType="stroke")
            ),
            strokeDash=alt.StrokeDash("who:N", scale=DASHES, title=None),
            tooltip=["who:N", *(f"{name}:Q" for row in rows[:1] for name in row if name != "who")],
        )
        .properties(height=HEIGHT, padding=PADDING)
    )
    return chart


def _bars(rows: Rows, name: str, number: str, title: str) -> alt.Chart:
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(color="#0072b2")
        .encode(
            x=alt.X(f"{number}:Q", title=title),
            y=alt.Y(
                f"{name}:N",
                title=None,
                sort="-x",
                axis=alt.Axis(labelLimit=420, labelOverlap=False),
            ),
            tooltip=[f"{name}:N", f"{number}:Q"],
        )
        .properties(height=26 * len(rows) + 50, padding=PADDING)
    )
    return chart


def _bin_row(one: Bin) -> dict[str, object]:
    return {"given": one.probability, "right": one.gold, "codes": one.codes}
