"""The numbers of the feed."""

from clinical_coding.claim import Band
from ui.feed import LATENCIES, Summary
from ui.pace import BAR_S, RATE_S, WINDOW_S
from ui.theme import band_html, tile_html


def summary_html(summary: Summary) -> str:
    """Claims, rate, latency, share of the bands, dead letters and the last minutes as bars."""
    p50, p95 = _seconds(summary.latency_p50_s), _seconds(summary.latency_p95_s)
    over = f"newest {LATENCIES:,} claims"
    letters = f"{summary.dead_letters:,}"
    if summary.dead_letters:
        letters = f'<span class="cmc-review">▲ {letters}</span>'
    tiles = (
        tile_html("Claims", f"{summary.total:,}", "read by this feed"),
        tile_html("Rate", f"{summary.rate_per_s:.1f}/s", f"coded in the last {RATE_S} s"),
        tile_html("Latency, median", p50, over),
        tile_html("Latency, 95th percentile", p95, over),
        tile_html("Codes by band", _bands(summary), ""),
        tile_html("Dead letters", letters, "could not be read"),
        tile_html("Claims per second", _sparkline(summary.bars), ""),
    )
    return f'<dl class="cmc-tiles" aria-label="Numbers">{"".join(tiles)}</dl>'


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


def _sparkline(bars: tuple[int, ...]) -> str:
    most = max(bars)
    peak = f"{most / BAR_S:.1f}/s"
    columns = "".join(f'<i style="height:{bar / (most or 1):.0%}"></i>' for bar in bars)
    label = f"Claims per second over the last {WINDOW_S // 60} minutes, at most {peak}"
    return (
        f'<span class="cmc-spark" role="img" aria-label="{label}">{columns}</span>'
        f" <small>last {WINDOW_S // 60} minutes, peak {peak}</small>"
    )
