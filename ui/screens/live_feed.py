"""The live feed: claims as they come, one of them opened."""

import streamlit as st

from clinical_coding.note import NoteStatus
from runtime import clock
from schemas.claim_coded import ClaimCoded
from ui.claim_list import ROWS, Part, Row, ShowList, claim_list, code_parts, spoken_codes
from ui.claim_panel import show_claim
from ui.feed import Feed, Link
from ui.head import show_head
from ui.resources import feed
from ui.summary import summary_html
from ui.theme import encounter, notice_html

REFRESH_S = 1.0
CHOSEN = "claim"  # the opened one, by event id
CONNECTING = "Connecting to Kafka and the schema registry; this takes a few seconds."
NO_CLAIMS = (
    "No claims yet. Publish notes with `codemychart publish --synthetic 100` and keep a "
    "`codemychart worker` running; claims appear here by themselves."
)
CHOOSE = "Choose a claim to see its codes, the evidence for them and what was left out."
HEADS = ("coded, UTC", "encounter", "codes", "first-listed diagnosis")


@st.cache_resource(show_spinner=False)
def shown_list() -> ShowList:
    """The list of claims, registered once."""
    return claim_list("claims", "Claims, newest first", HEADS)


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
        rows = [row_of(claim, known) for claim in claims]
        shown_list()(rows, st.session_state.get(CHOSEN, ""), choose)
    with right:
        chosen = known.claim(st.session_state.get(CHOSEN, ""))
        if chosen is None:
            st.html(notice_html(CHOOSE))
        else:
            show_claim(chosen, known)


def choose(event_id: str) -> None:
    """Open a claim."""
    st.session_state[CHOSEN] = event_id


def row_of(claim: ClaimCoded, known: Feed) -> Row:
    """What the list shows of a claim."""
    is_withdrawn = claim.note_status is NoteStatus.RETRACTED
    first = claim.diagnoses[0].description if claim.diagnoses else ""
    first = first or ("withdrawn" if is_withdrawn else "no codes")
    is_reviewed = known.worklist.standing(claim.event_id).review is not None
    marks = (Part(text="✓ reviewed", look="cmc-reviewed"),) if is_reviewed else ()
    coded, kind = f"{claim.coded_at:%H:%M:%S}", encounter(claim.encounter_class)
    told = spoken_codes(claim.diagnoses) or first
    return Row(
        id=claim.event_id,
        spoken=f"{coded} {kind}: {told}{', reviewed' if is_reviewed else ''}",
        cells=(
            (Part(text=coded),),
            (Part(text=kind),),
            (*code_parts(claim.diagnoses), *marks),
            (Part(text=first),),
        ),
    )


def show_nothing_yet(link: Link) -> None:
    """Why there is no claim and what to do."""
    if link is not Link.AWAY:
        st.html(notice_html(CONNECTING if link is Link.CONNECTING else NO_CLAIMS))


if __name__ == "__main__":  # as Streamlit runs it
    live()
