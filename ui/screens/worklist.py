"""The worklist: claims whose codes a coder has to decide, the most urgent first."""

import re
from collections.abc import Iterator
from datetime import datetime

import streamlit as st

from runtime import clock
from schemas.claim_coded import ClaimCoded
from ui.access import audit_log, visitor
from ui.claim_list import ROWS, Part, Row, ShowList, claim_list, code_parts, spoken_codes
from ui.claim_panel import facts_html, show_note, why_not_html
from ui.head import show_head
from ui.progress import progress_html, span
from ui.resources import feed, search_of, sender
from ui.review_editor import ShowEditor, StandingReview, review_editor
from ui.review_words import told, told_former
from ui.reviewing import Reviewing
from ui.theme import encounter, notice_html
from ui.visitors import Duty
from ui.worklist import value

REFRESH_S = 2.0
SESSION = "reviewing"
CODER = "coder"
CLAIM = "cmc-claim"  # page.css lays its two parts side by side where there is room
CODER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
WHO = (
    "Give your coder id above to review: a pseudonym of letters, digits, dots and dashes. It stands "
    "in each review."
)
FOR_CODERS = "Claims are reviewed by coders only: you may look at the worklist, not decide."
NOTHING = (
    "No claim waits for a review. Claims with a code in the review band appear here by themselves."
)
AMENDED = (
    "The note of this claim was amended or retracted meanwhile: the claim waits no longer. Skip it."
)
LEFT_OUT = (
    "More claims wait than are held: {n} of the least urgent are not listed. CMC_UI_MAX_CLAIMS sets "
    "how many are held."
)
HEADS = ("value", "waits", "encounter", "codes")


@st.cache_resource(show_spinner=False)
def shown_list() -> ShowList:
    """The list of claims, registered once."""
    return claim_list("waiting", "Claims that wait, most urgent first", HEADS)


@st.cache_resource(show_spinner=False)
def shown_editor() -> ShowEditor:
    """The editor, registered once."""
    return review_editor()


def session() -> Reviewing:
    """This visitor's way through the worklist."""
    if SESSION not in st.session_state:
        st.session_state[SESSION] = Reviewing(
            worklist=feed().worklist, sender=sender(), log=audit_log()
        )
    reviewing: Reviewing = st.session_state[SESSION]
    return reviewing


def coder() -> str:
    """Who reviews: under a login the visitor's name, else the id that was given; "" for nobody."""
    found = visitor()
    if found is None or not found.may(Duty.CODER):
        return ""
    given = str(st.session_state.get(CODER, "")).strip()
    return found.name or (given if CODER_ID.fullmatch(given) else "")


@st.fragment(run_every=REFRESH_S)
def live() -> None:
    """What refreshes by itself; the page around it stays."""
    now, reviewing = clock.now(), session()
    show_top(now)
    waiting = reviewing.waiting()
    st.html(progress_html(waiting, reviewing.worklist.reviewed(), coder(), now))
    with st.container():  # what is below it stays the same element whatever is told
        show_overtaken(reviewing)
        for words in problems(reviewing):
            st.html(notice_html(words, role="alert"))
    if reviewing.claim is None:
        st.html(notice_html(NOTHING))
        return
    left, right = st.columns([1, 1.5], gap="medium")
    with left:
        rows = [row_of(claim, now) for claim in waiting[:ROWS]]
        shown_list()(rows, reviewing.claim.event_id, choose)
    with right:
        show_claim(reviewing.claim, reviewing)


def show_top(now: datetime) -> None:
    """The head; without a login beside it who reviews."""
    found, summary = visitor(), feed().summary(now)
    if found is None or found.name:
        show_head("worklist", summary)
        return
    head, who = st.columns([5, 1], vertical_alignment="center")
    with head:
        show_head("worklist", summary)
    with who:
        st.text_input("Coder id", key=CODER, bind="query-params", max_chars=64,
                      placeholder="coder id", label_visibility="collapsed")  # fmt: skip


def show_claim(claim: ClaimCoded, reviewing: Reviewing) -> None:
    """The open claim: its facts, its codes to decide, its note and what was left out."""
    review = reviewing.standing()
    standing = StandingReview(id=review.event_id, told=told(review)) if review else None
    search = search_of(claim.code_set)
    former = None if review else reviewing.worklist.former_review(claim.event_id)
    with st.container(key=CLAIM):
        with st.container():
            st.html(facts_html(claim) + (notice_html(told_former(former)) if former else ""))
            shown_editor()(
                claim,
                before=reviewing.before,
                again=reviewing.again,
                standing=standing,
                search=search.find,
                is_open=bool(coder()) and not reviewing.is_superseded,
                on_sent=lambda raw: reviewing.send(raw, coder(), search.code_set, clock.now()),
                on_left=reviewing.skip,
            )
        with st.container():
            show_note(claim, feed())
            st.html(why_not_html(claim.dropped))


def choose(event_id: str) -> None:
    """Open a claim of the list."""
    reviewing = session()
    reviewing.open(reviewing.worklist.claim(event_id))


def problems(reviewing: Reviewing) -> Iterator[str]:
    """What a coder must know before deciding."""
    found = visitor()
    if not coder():
        yield WHO if found and found.may(Duty.CODER) else FOR_CODERS
    if reviewing.problem:
        yield reviewing.problem
    if reviewing.is_superseded:
        yield AMENDED
    if reviewing.worklist.left_out:
        yield LEFT_OUT.format(n=reviewing.worklist.left_out)


def show_overtaken(reviewing: Reviewing) -> None:
    """Reviews of this coder that another one's came before, each with a way to look at it again."""
    for sent in reviewing.overtaken():
        standing = reviewing.worklist.standing(sent.claim.event_id).review
        words = told(standing) if standing else ""
        st.html(
            notice_html(
                f"Your review of {sent.claim.note_id} does not count. {words}", role="alert"
            )
        )
        key = sent.review.event_id
        st.button(
            "Look at it again", key=f"again-{key}", on_click=reviewing.look_again, args=(sent,)
        )
        st.button("Leave theirs", key=f"leave-{key}", on_click=reviewing.dismiss, args=(sent,))


def row_of(claim: ClaimCoded, now: datetime) -> Row:
    """What the list shows of a claim."""
    worth, waits = f"{value(claim):.1f}", span(now - claim.coded_at)
    kind = encounter(claim.encounter_class)
    return Row(
        id=claim.event_id,
        spoken=f"{kind}, value {worth}, waits {waits}: {spoken_codes(claim.diagnoses)}",
        cells=(
            (Part(text=worth),),
            (Part(text=waits),),
            (Part(text=kind),),
            code_parts(claim.diagnoses),
        ),
    )


if __name__ == "__main__":  # as Streamlit runs it
    live()
