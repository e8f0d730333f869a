"""The numbers of the feed."""

import html
from collections.abc import Sequence

from clinical_coding.claim import Band
from ui.feed import LATENCIES, Summary
from ui.pace import BAR_S, RATE_S, WINDOW_S
from ui.theme import band_html, tile_html


def summary_html(summary: Summary) -> str:
    """Claims, rate, latency, lag, share of the bands and dead letters; the last minutes as bars."""
    letters = f"{summary.dead_letters:,}"
    if summary.dead_letters:
        letters = f'<span class="cmc-review">▲ {letters}</span>'
    tiles = (
        tile_html("Claims", f"{summary.total:,}", "read by this feed"),
        tile_html("Claims per second", _rate(summary), ""),
        tile_html("Latency, median", _latency(summary), ""),
        tile_html("Lag", _lag(summary.looked.lag), "notes that wait to be coded"),
        tile_html("Codes by band", _bands(summary), ""),
        tile_html("Dead letters", letters, "could not be read"),
    )
    return f'<dl class="cmc-tiles" aria-label="Numbers">{"".join(tiles)}</dl>'


def _rate(summary: Summary) -> str:
    peak = f"peak {max(summary.bars) / BAR_S:.1f}/s"
    said = f"Claims per second over the last {WINDOW_S // 60} minutes, {peak}"
    spark = _sparkline(summary.bars, said)
    return f"{summary.rate_per_s:.1f}/s {spark} <small>last {RATE_S} s; bars: {WINDOW_S // 60} min, {peak}</small>"


def _latency(summary: Summary) -> str:
    waits = [wait or 0.0 for wait in summary.waits]
    said = f"Mean latency over the last {WINDOW_S // 60} minutes, at most {_seconds(max(waits))}"
    below = f"95%: {_seconds(summary.latency_p95_s)}, newest {LATENCIES:,} claims"
    return f"{_seconds(summary.latency_p50_s)} {_sparkline(waits, said)} <small>{below}</small>"


def _lag(lag: int | None) -> str:
    return "–" if lag is None else f"{lag:,}"  # noqa: RUF001 - a dash where there is no number


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"  # noqa: RUF001 - a dash where there is no number


def _bands(summary: Summary) -> str:
    total = sum(summary.bands.values())
    if not total:
        return "– <small>no codes yet</small>"  # noqa: RUF001 - a dash where there is no number
    shares = {band: summary.bands.get(band, 0) / total for band in Band}
    parts = "".join(f'<i class="cmc-{b}" style="width:{s:.2%}"></i>' for b, s in shares.items())
    legend = " ".join(band_html(band, f"{band} {share:.0%}") for band, share in shares.items())
    return (
        f'<span class="cmc-bar" aria-hidden="true">{parts}</span>'
        f'<span class="cmc-legend">{legend}</span> <small>of {total:,} codes</small>'
    )


def _sparkline(bars: Sequence[float], said: str) -> str:
    most = max(bars) or 1
    columns = "".join(f'<i style="height:{bar / most:.0%}"></i>' for bar in bars)
    return f'<span class="cmc-spark" role="img" aria-label="{html.escape(said)}">{columns}</span>'
