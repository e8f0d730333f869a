"""Operations: what runs and how far it is, what was refused, and whether anything was lost."""

import streamlit as st

from clinical_coding.errors import CodingError
from runtime import clock
from runtime.kept_reconciliation import kept
from runtime.settings import FolderSettings, read
from ui.access import visitor
from ui.feed import Looked
from ui.following import FOREIGN
from ui.head import show_head
from ui.redriving import put_back
from ui.resources import feed
from ui.standing import ASK_S, on_this_machine
from ui.standing_html import (
    each_letter_html,
    lag_html,
    letters_html,
    most_first,
    processes_html,
    reconciliation_html,
)
from ui.summary import summary_html
from ui.theme import counted, notice_html
from ui.visitors import Duty

ASKED, TOLD = (
    "redrive asked",
    "redrive told",
)  # a class that is asked about; what became of the last
NOT_HERE = (
    "Told are processes that the demo or --supervise started, and those whose CMC_WORKER_HEALTH_PORT "
    "and CMC_LANDING_HEALTH_PORT say where they answer."
)
NO_LAG = "The lag is not known: the broker does not answer, or this user may not describe the workers' group."
LETTERS = "`codemychart dlq show ID` tells all of one."
MENDED = "Put them back once the cause is gone."
FOR_OPERATORS = "Operators put them back."
ASK = "Put back {letters} that {name} refused? They are coded again, or refused again."
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
        places = summary.looked.places
        st.html(lag_html(places) if places is not None else notice_html(NO_LAG))
        show_letters(summary.looked)


def show_letters(looked: Looked) -> None:
    """What was refused, and for an operator the way back."""
    st.html(letters_html(looked.dead_letters))
    if told := st.session_state.get(TOLD):
        st.html(notice_html(told, role="status"))
    if not looked.dead_letters:
        return
    found = visitor()
    is_operator = found is not None and found.may(Duty.OPERATOR)
    st.html(notice_html(f"{LETTERS} {MENDED if is_operator else FOR_OPERATORS}"))
    if is_operator:
        show_way_back(looked)
    st.html(each_letter_html(looked.letters, clock.now()))


def show_way_back(looked: Looked) -> None:
    """A button for each class; what it would do is asked before."""
    asked = str(st.session_state.get(ASKED, ""))
    if asked in looked.dead_letters:
        letters = counted(looked.dead_letters[asked], "letter")
        st.html(notice_html(ASK.format(letters=letters, name=asked), role="alert"))
        with st.container(horizontal=True):
            st.button("Put back", on_click=redrive, args=(asked,))
            st.button("Leave them", on_click=st.session_state.pop, args=(ASKED, None))
        return
    with st.container(horizontal=True):
        for name, _ in most_first(looked.dead_letters):
            if name != FOREIGN:
                st.button(f"Put back {name}", on_click=ask, args=(name,))


def ask(name: str) -> None:
    """Ask before it is done."""
    st.session_state[ASKED] = name
    st.session_state.pop(TOLD, None)


def redrive(name: str) -> None:
    """Put back what a class refused, where the visitor may."""
    st.session_state.pop(ASKED, None)
    found = visitor()
    if found is None or not found.may(Duty.OPERATOR):
        st.session_state[TOLD] = FOR_OPERATORS
        return
    try:
        back = put_back(name, found.told)
    except CodingError as error:
        st.session_state[TOLD] = f"Not all of it is back: {error}."
    else:
        st.session_state[TOLD] = f"{counted(back, 'letter')} put back."


def show_reconciliation() -> None:
    """The last one of this state folder, or how to make one."""
    found = kept(read(FolderSettings).state_dir)
    st.html(notice_html(NEVER) if found is None else reconciliation_html(found, clock.now()))


if __name__ == "__main__":  # as Streamlit runs it
    live()
