"""The live feed: claims as they come, one of them opened."""

from collections.abc import Callable, Sequence

import streamlit as st

from runtime import clock
from schemas.claim_coded import ClaimCoded
from ui.claim_list import ROWS, claim_list
from ui.claim_panel import show_claim
from ui.feed import Link
from ui.head import show_head
from ui.resources import feed
from ui.summary import summary_html
from ui.theme import notice_html

REFRESH_S = 1.0
CONNECTING = "Connecting to Kafka and the schema registry; this takes a few seconds."
NO_CLAIMS = (
    "No claims yet. Publish notes with `codemychart publish --synthetic 100` and keep a "
    "`codemychart worker` running; claims appear here by themselves."
)
CHOOSE = "Choose a claim to see its codes, the evidence for them and what was left out."


@st.cache_resource(show_spinner=False)
def shown_list() -> Callable[[Sequence[ClaimCoded]], str]:
    """The list of claims, registered once."""
    return claim_list()


@st.fragment(run_every=REFRESH_S)
def live() -> None:
    """What refreshes by itself; the page around it stays."""
    known = feed()
    summary = known.summary(clock.now())
    show_head("live coding feed", summary)
    st.html(summary_html(summary))
    claims = known.newest(ROWS)
    if not claims:
        show_nothing_yet(summary.link)
        return
    left, right = st.columns([1.1, 1], gap="medium")
    with left:
        chosen = known.claim(shown_list()(claims))
    with right:
        if chosen is None:
            st.html(notice_html(CHOOSE))
        else:
            show_claim(chosen, known)


def show_nothing_yet(link: Link) -> None:
    """Why there is no claim and what to do."""
    if link is not Link.AWAY:
        st.html(notice_html(CONNECTING if link is Link.CONNECTING else NO_CLAIMS))


if __name__ == "__main__":  # as Streamlit runs it
    live()
