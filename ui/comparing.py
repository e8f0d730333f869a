"""The lower half of the analysis: two models side by side, and change over time."""

import html

import streamlit as st

from clinical_coding.errors import CodingError
from runtime.settings import FolderSettings, read
from ui.drift import DAYS, LEAST, LIKE, OTHER, Counted, Distance, counted, distances
from ui.drift_charts import distance_chart, shares_chart
from ui.replay_html import changes_html, sides_html
from ui.replays import read_replay, reported
from ui.theme import ENCOUNTERS, notice_html

FRESH_S = 300  # the lake is asked at most so often for all visitors
NO_REPLAY = (
    "No replay to show: `codemychart replay --since T --until T --model FOLDER` codes a window of "
    "notes again with another model and leaves its report here."
)
NOTHING_LANDED = (
    "Nothing has landed in the lake yet: keep `codemychart land` running, and its claims are here "
    "some minutes later."
)
TOO_FEW = f"No period holds {LEAST} yet: of fewer, chance alone would make a distance."
READING = (
    f"Each period of {LEAST} or more against all of the last {DAYS} days. Below {LIKE} little has "
    f"changed, above {OTHER} others come in, or the codes are others: see the shares beside it."
)


def show_replays() -> None:
    """What a replay's model codes on the notes of the claims that count."""
    section("Two models side by side")
    try:
        folders = {folder.name: folder for folder in reported(read(FolderSettings).state_dir)}
        if not folders:
            st.html(notice_html(NO_REPLAY))
            return
        reports = {name: read_replay(folder) for name, folder in folders.items()}
    except CodingError as error:
        st.html(notice_html(str(error), role="alert"))
        return
    name = st.selectbox("Replay", list(reports), format_func=lambda run: reports[run].told)
    left, right = st.columns(2, gap="large")
    with left:
        st.html(sides_html(reports[name]))
    with right:
        st.html(changes_html(reports[name]))


def show_drift() -> None:
    """What comes in and what is coded, by the lake."""
    section("Change over time")
    try:
        found = counts()
    except CodingError as error:
        st.html(notice_html(f"The lake cannot be asked: {error}", role="alert"))
        return
    if not found:
        st.html(notice_html(NOTHING_LANDED))
        return
    st.html(f'<p class="cmc-dim">{html.escape(READING)}</p>')
    left, right = st.columns(2, gap="large")
    with left:
        show_distances(distances(found))
        section("Codes by category", level=3)
        st.altair_chart(shares_chart(found, "category"), alt="Share of the commonest categories")
    with right:
        section("Encounters", level=3)
        st.altair_chart(
            shares_chart(found, "encounter", ENCOUNTERS), alt="Share of each kind of encounter"
        )
        section("Codes by band", level=3)
        st.altair_chart(shares_chart(found, "band"), alt="Share of each band")


def show_distances(found: list[Distance]) -> None:
    """How far each period is from all."""
    if found:
        st.altair_chart(distance_chart(found), alt="Distance of each period from all")
    else:
        st.html(notice_html(TOO_FEW))


@st.cache_data(ttl=FRESH_S, show_spinner="Asking the lake")
def counts() -> list[Counted]:
    """The counts of the lake."""
    return counted()


def section(title: str, level: int = 2) -> None:
    """A heading."""
    st.html(f'<h{level} class="cmc-title">{html.escape(title)}</h{level}>')
