"""The row of numbers above the feed."""

import altair as alt
import pandas as pd
import streamlit as st

from ui.feed import SPARK_S, Summary
from ui.theme import ACCENT


def show_summary(summary: Summary) -> None:
    """Rate, latency, bands, dead letters and a sparkline of the last minutes."""
    columns = st.columns([1, 1, 1.2, 1.2, 1, 2.2], vertical_alignment="center")
    columns[0].metric("Claims", f"{summary.total:,}")
    columns[1].metric("Rate", f"{summary.rate_per_s:.1f}/s", help="Claims in the last minute.")
    columns[2].metric(
        "Latency p50 / p95",
        f"{_seconds(summary.latency_p50_s)} / {_seconds(summary.latency_p95_s)}",
        help="From the note's record to its claim, over the newest 1,000.",
    )
    columns[3].metric("● Zero-touch codes", _share(summary), help="Codes in the submit band.")
    columns[4].metric("Dead letters", f"{summary.dead_letters:,}")
    columns[5].altair_chart(_sparkline(summary.bars), width="stretch")


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"


def _share(summary: Summary) -> str:
    return f"{summary.submit_codes / summary.codes:.0%}" if summary.codes else "-"


def _sparkline(bars: tuple[int, ...]) -> alt.Chart:
    ago = [(n - len(bars) + 1) * SPARK_S for n in range(len(bars))]
    rows = pd.DataFrame({"seconds": ago, "claims per second": [bar / SPARK_S for bar in bars]})
    chart: alt.Chart = (
        alt.Chart(rows, height=84)
        .mark_area(color=ACCENT, opacity=0.45, line={"color": ACCENT}, interpolate="monotone")
        .encode(
            x=alt.X(
                "seconds:Q", title=None, axis=alt.Axis(tickCount=4, labelExpr="datum.value + ' s'")
            ),
            y=alt.Y("claims per second:Q", title="claims/s", axis=alt.Axis(tickCount=3)),
        )
    )
    return chart
