"""Who visits this page now, by Streamlit's own login, and the way in and out."""

import html
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from runtime import clock
from runtime.audit import AuditLog
from runtime.page_settings import LoginSettings
from runtime.settings import FolderSettings, read
from ui.head import title_html
from ui.theme import notice_html
from ui.visitors import ANYBODY_HERE, Visitor, visitor_of

IDLE = "nobody is there"
LOOK_S = 5.0  # how soon after a session's end its page is taken away
WELCOME = "Log in to see the claims."
ENDED = "Your session has ended: log in again."
NO_ROLE = (
    "You are logged in as {name}, who has no role here. Ask who gives roles for one of {roles}; then "
    "log out and in again."
)


def visitor() -> Visitor | None:
    """Who asks for this page; None where nobody is logged in or the session has ended."""
    login = settings()
    if login.secrets is None:
        return ANYBODY_HERE
    claims = st.user.to_dict()
    if not claims.get("is_logged_in"):
        return None
    found = visitor_of(claims, login)
    return found if found.duties and not found.is_over(clock.now()) else None


def audit_log() -> AuditLog:
    """The log under this visitor's name; nobody's acts are refused before they come here."""
    found = visitor()
    return AuditLog(read(FolderSettings).state_dir, person=found.told if found else "")


@st.cache_resource(show_spinner=False)
def settings() -> LoginSettings:
    """Those of the process."""
    return read(LoginSettings)


def is_admitted() -> bool:
    """Whether the page may be shown; else the way in stands in its place."""
    login, found = settings(), visitor()
    if login.secrets is None:
        return True
    if found is None:
        show_way_in(login)
        return False
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        duties = ", ".join(sorted(found.duties))
        told = f'<p class="cmc-dim">{html.escape(found.name)} · {duties}</p>'
        st.html(told, width="content")
        st.button("Log out", on_click=st.logout, type="tertiary")
    watch()
    return True


def show_way_in(login: LoginSettings) -> None:
    """Why the page is not shown, and what to do."""
    claims = st.user.to_dict()
    is_known = bool(claims.get("is_logged_in"))
    found = visitor_of(claims, login)
    st.html(title_html("log in"))
    if is_known and not found.duties:
        asked = f"{login.viewer}, {login.coder}, {login.operator}"
        st.html(notice_html(NO_ROLE.format(name=found.name, roles=asked)))
        st.button("Log out", on_click=st.logout)
        return
    st.html(notice_html(ENDED if is_known else WELCOME))
    st.button("Log in", on_click=st.login)


@st.fragment(run_every=LOOK_S)
def watch() -> None:
    """Takes the page away once the session has ended, by time or because nobody is there."""
    if st.session_state.pop(IDLE, None):
        st.logout()  # no new run after it: that would drop the way out that it sent
        st.stop()
    if visitor() is None:
        st.rerun()
    idle()(
        key="idle",
        data={"seconds": settings().idle_minutes * 60, "login": str(st.user.get("iat"))},
        on_idle_change=leave,
    )


def leave() -> None:
    """Nobody is there: the run that follows logs out."""
    st.session_state[IDLE] = True


@st.cache_resource(show_spinner=False)
def idle() -> Callable[..., object]:
    """What sees that neither key nor pointer is used, registered once."""
    script = Path(__file__).with_name("idle.js").read_text(encoding="utf-8")
    return st.components.v2.component("idle", html="<div hidden></div>", js=script)
