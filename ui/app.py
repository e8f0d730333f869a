"""The live feed's page: what Streamlit runs for each visitor."""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from runtime import clock
from runtime.roles import Role
from runtime.settings import KafkaSettings, RegistrySettings, UiSettings, read
from schemas.claim_coded import ClaimCoded
from ui.claim_list import ROWS, claim_list
from ui.claim_panel import show_claim
from ui.feed import Feed, Link, Summary
from ui.following import follow
from ui.summary import head_html, summary_html
from ui.theme import notice_html

REFRESH_S = 1.0
AWAY = (
    "Kafka or the schema registry does not answer. The feed goes on by itself once it does: see "
    "what runs with `codemychart status`, start it with `codemychart up`, and ask `codemychart "
    "doctor` what is wrong."
)
CONNECTING = "Connecting to Kafka and the schema registry; this takes a few seconds."
NO_CLAIMS = (
    "No claims yet. Publish notes with `codemychart publish --synthetic 100` and keep a "
    "`codemychart worker` running; claims appear here by themselves."
)
CHOOSE = "Choose a claim to see its codes, the evidence for them and what was left out."
STYLE = Path(__file__).with_name("page.css")


@st.cache_resource(show_spinner=False)
def feed() -> Feed:
    """One feed for the process, shared by all visitors."""
    return follow(read(KafkaSettings, Role.UI), read(RegistrySettings), read(UiSettings))


@st.cache_resource(show_spinner=False)
def shown_list() -> Callable[[Sequence[ClaimCoded]], str]:
    """The list of claims, registered once."""
    return claim_list()


@st.fragment(run_every=REFRESH_S)
def live() -> None:
    """What refreshes by itself; the page around it stays."""
    known = feed()
    summary = known.summary(clock.now())
    st.html(head_html(summary))
    show_trouble(summary)
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


def show_trouble(summary: Summary) -> None:
    """What is wrong and what to do, above numbers that stand still."""
    if summary.link is Link.AWAY:
        st.html(notice_html(f"{AWAY}\n{summary.problem}", role="alert"))


def show_nothing_yet(link: Link) -> None:
    """Why there is no claim and what to do."""
    if link is not Link.AWAY:
        st.html(notice_html(CONNECTING if link is Link.CONNECTING else NO_CLAIMS))


st.set_page_config(page_title="CodeMyChart", page_icon="🩺", layout="wide")
st.html(STYLE)
live()
