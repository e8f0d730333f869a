"""The head of every page: its title, whether what it shows is live, and what to do where it is not."""

import html

import streamlit as st

from ui.feed import Link, Summary
from ui.theme import notice_html

LINKS = {Link.LIVE: "● live", Link.CONNECTING: "○ connecting", Link.AWAY: "▲ not connected"}
AWAY = (
    "Kafka or the schema registry does not answer. The page goes on by itself once it does: see "
    "what runs with `codemychart status`, start it with `codemychart up`, and ask `codemychart "
    "doctor` what is wrong."
)


def show_head(title: str, summary: Summary) -> None:
    """The head of a page that shows what comes over Kafka, above numbers that may stand still."""
    is_away = summary.link is Link.AWAY
    notice = notice_html(f"{AWAY}\n{summary.problem}", role="alert") if is_away else ""
    st.html(head_html(title, summary) + notice)


def head_html(title: str, summary: Summary) -> str:
    """The page's title and whether what it shows is live."""
    at = f" · as of {summary.as_of:%H:%M:%S} UTC" if summary.as_of else ""
    status = f"{LINKS[summary.link]}{at}"
    return title_html(title, f'<p role="status" class="cmc-link cmc-{summary.link}">{status}</p>')


def title_html(title: str, beside: str = "") -> str:
    """The page's title; ``beside`` is HTML."""
    return (
        f'<header class="cmc-head"><h1>CodeMyChart <span>{html.escape(title)}</span></h1>'
        f"{beside}</header>"
    )
