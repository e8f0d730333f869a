"""The numbers of the worklist: what waits, what was done today, how coders and engine agree."""

import html
from collections.abc import Sequence
from datetime import datetime, timedelta

from clinical_coding.claim import Band
from schemas.claim_coded import ClaimCoded
from schemas.claim_reviewed import ReviewAction
from ui.agreement import Agreement, agreement
from ui.theme import band_html, table_html, tile_html
from ui.worklist import Reviewed, reviewed_on

DAY_S, HOUR_S, MINUTE_S = 86_400, 3600, 60


def progress_html(
    waiting: Sequence[ClaimCoded], reviewed: Sequence[Reviewed], coder: str, now: datetime
) -> str:
    """What waits, what was reviewed on this day by UTC, and the share of codes accepted by band."""
    today = reviewed_on(reviewed, now)
    own = sum(one.review.reviewer == coder for one in today)
    agreed = agreement(reviewed)
    with_hcc = sum(any(d.hcc and d.band is Band.REVIEW for d in c.diagnoses) for c in waiting)
    oldest = min((claim.coded_at for claim in waiting), default=None)
    shares = " ".join(band_html(b, f"{b} {_share(agreed, b)}") for b in Band)
    tiles = (
        tile_html("Waiting", f"{len(waiting):,}", f"{with_hcc:,} with a payment category (HCC)"),
        tile_html("Longest wait", span(now - oldest) if oldest else "–", "since it was coded"),  # noqa: RUF001 - a dash where there is no number
        tile_html("Reviewed today", f"{len(today):,}", f"{own:,} by you · day by UTC"),
        tile_html("Engine's codes accepted", _share(agreed), f"of {agreed.judged():,} decided"),
        tile_html("Accepted by band", f'<span class="cmc-legend">{shares}</span>', ""),
        tile_html("Codes added", f"{agreed.added:,}", "that the engine had not"),
    )
    return (
        f'<dl class="cmc-tiles cmc-six" aria-label="Progress">{"".join(tiles)}</dl>'
        f"{_agreement_html(agreed)}"
    )


def span(time: timedelta) -> str:
    """A time in its largest unit: 40 s, 5 min, 3 h, 2 d."""
    seconds = max(0, int(time.total_seconds()))
    for length, unit in ((DAY_S, "d"), (HOUR_S, "h"), (MINUTE_S, "min")):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _agreement_html(agreed: Agreement) -> str:
    if not agreed.judged():
        return ""
    actions = (ReviewAction.ACCEPT, ReviewAction.CHANGE_ORDER, ReviewAction.REJECT)
    rows = [
        (
            band_html(band, band),
            *(f"{agreed.decided[band][action]:,}" for action in actions),
            html.escape(_share(agreed, band)),
        )
        for band in Band
    ]
    heads = ("band", "accepted", "accepted, moved", "rejected", "share accepted")
    table = table_html("Agreement of engine and coders", heads, rows)
    return (
        '<details class="cmc-fold"><summary>Agreement of engine and coders</summary>'
        f"{table}</details>"
    )


def _share(agreed: Agreement, *bands: Band) -> str:
    share = agreed.accepted(*bands)
    return "–" if share is None else f"{share:.0%}"  # noqa: RUF001 - a dash where there is no number
