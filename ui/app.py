"""The live feed's page: what Streamlit runs for each visitor."""

import time

import streamlit as st

from runtime.settings import KafkaSettings, RegistrySettings, UiSettings, read
from ui.claim_list import CHOSEN, ROWS, show_list
from ui.claim_panel import show_claim
from ui.feed import Feed
from ui.following import follow
from ui.summary import show_summary
from ui.theme import STYLE

REFRESH_S = 1.0


@st.cache_resource
def feed() -> Feed:
    """One feed for the process, shared by all visitors."""
    return follow(read(KafkaSettings), read(RegistrySettings), read(UiSettings))


@st.fragment(run_every=REFRESH_S)
def live() -> None:
    """What refreshes by itself; the page around it stays."""
    known = feed()
    summary = known.summary(time.monotonic())
    if summary.problem:
        st.error(
            f"The broker or registry does not answer. The feed goes on by itself.  \n{summary.problem}"
        )
    show_summary(summary)
    claims = known.newest(ROWS)
    if not claims:
        st.info("No claims yet. Publish notes with `codemychart publish --synthetic 100` and keep a "
                "`codemychart worker` running.")  # fmt: skip
        return
    left, right = st.columns([1.15, 1], gap="medium")
    with left:
        show_list(claims)
    with right:
        chosen = known.claim(st.session_state.get(CHOSEN, ""))
        if chosen is None:
            st.info("Click a row to see the claim, its evidence and what was left out.")
        else:
            show_claim(chosen, known.text(chosen))


st.set_page_config(page_title="CodeMyChart", page_icon="🩺", layout="wide")
st.html(STYLE)
st.markdown("#### CodeMyChart live coding feed")
live()
