"""Operations: what runs and how far it is, what was refused, and whether anything was lost."""

import streamlit as st

from clinical_coding.errors import CodingError
from runtime import clock
from runtime.kept_reconciliation import kept
from runtime.settings import FolderSettings, read
from ui.head import show_head
from ui.resources import feed
from ui.standing import ASK_S, on_this_machine, worker_places
from ui.standing_html import lag_html, letters_html, processes_html, reconciliation_html
from ui.summary import summary_html
from ui.theme import notice_html

NOT_HERE = (
    "Told are processes that the demo or --supervise started, and those whose CMC_WORKER_HEALTH_PORT "
    "and CMC_LANDING_HEALTH_PORT say where they answer."
)
LETTERS = (
    "`codemychart dlq list` tells of each, `codemychart dlq redrive --all` puts them back once the "
    "cause is gone."
)
NEVER = (
    "No reconciliation yet: `codemychart reconcile` holds notes, claims, dead letters and lake "
    "against one another by id."
)


@st.fragment(run_every=ASK_S)
def live() -> None:
    """What refreshes by itself."""
    now = clock.now()
    summary = feed().summary(now)
    show_head("operations", summary)
    st.html(summary_html(summary))
    left, right = st.columns(2, gap="large")
    with left:
        st.html(f'{processes_html(on_this_machine())}<p class="cmc-dim">{NOT_HERE}</p>')
        show_reconciliation()
    with right:
        show_lag()
        st.html(letters_html(summary.dead_letter_classes))
        if summary.dead_letters:
            st.html(notice_html(LETTERS))


def show_lag() -> None:
    """The lag, or why it cannot be told."""
    try:
        st.html(lag_html(worker_places()))
    except CodingError as error:
        st.html(notice_html(f"The lag is not known: {error}.", role="alert"))


def show_reconciliation() -> None:
    """The last one of this state folder, or how to make one."""
    found = kept(read(FolderSettings).state_dir)
    st.html(notice_html(NEVER) if found is None else reconciliation_html(found, clock.now()))


if __name__ == "__main__":  # as Streamlit runs it
    live()
