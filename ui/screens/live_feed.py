"""The live feed: claims as they come, one of them opened."""

from dataclasses import dataclass

import streamlit as st

from clinical_coding.claim import Band
from clinical_coding.note import NoteStatus
from runtime import clock
from schemas.claim_coded import ClaimCoded
from ui.claim_list import ROWS, Part, Row, ShowList, claim_list, code_parts, spoken_codes
from ui.claim_panel import show_claim
from ui.feed import Feed, Link
from ui.filters import Filter
from ui.head import show_head
from ui.resources import feed
from ui.summary import summary_html
from ui.theme import ENCOUNTERS, band_words, counted, encounter, notice_html

REFRESH_S = 1.0
CHOSEN = "claim"  # the opened one, by event id
CONNECTING = "Connecting to Kafka and the schema registry; this takes a few seconds."
NO_CLAIMS = (
    "No claims yet. Publish notes with `codemychart publish --synthetic 100` and keep a "
    "`codemychart worker` running; claims appear here by themselves."
)
CHOOSE = "Choose a claim to see its codes, the evidence for them and what was left out."
NO_MATCH = "No claim among those held matches: change or clear the search and the filters above."
NOTE_TYPES = "Known where the feed may show notes (CMC_UI_SHOW_NOTES)."
PAUSED = "paused"
KINDS = tuple(dict.fromkeys(ENCOUNTERS.values()))  # classes of one word are one choice
HEADS = ("coded, UTC", "encounter", "codes", "first-listed diagnosis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """The claims of the moment, newest first, and how many had come."""

    claims: list[ClaimCoded]
    total: int


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
    if not known.newest(1):
        show_nothing_yet(summary.link)
        return
    claims = asked_claims(known, summary.total)
    left, right = st.columns([1.1, 1], gap="medium")
    with left:
        rows = [row_of(claim, known) for claim in claims]
        if rows:
            shown_list()(rows, st.session_state.get(CHOSEN, ""), choose)
        else:
            st.html(notice_html(NO_MATCH))
    with right:
        show_chosen(known)


def asked_claims(known: Feed, total: int) -> list[ClaimCoded]:
    """The controls, and the newest claims that they let through; while paused, those of that moment."""
    columns = st.columns([2.2, 1.7, 1.6, 1.6, 1], vertical_alignment="bottom")
    with columns[0]:
        words = st.text_input("Search", placeholder="code or words of a diagnosis")
    with columns[1]:
        bands = st.pills("Bands", tuple(Band), selection_mode="multi", format_func=band_words)
    with columns[2]:
        encounters = st.multiselect("Encounters", KINDS, placeholder="all")
    with columns[3]:
        note_types = st.multiselect("Note types", known.note_types(), placeholder="all",
                                    disabled=not known.shows_notes, help=NOTE_TYPES)  # fmt: skip
    paused: Paused | None = st.session_state.get(PAUSED)
    with columns[4]:
        st.button("Pause" if paused is None else "Resume", width="stretch",
                  on_click=turn, args=(known, total))  # fmt: skip
    with st.container():  # so that nothing below it moves
        if paused is not None:
            news = counted(total - paused.total, "claim")
            st.html(f'<p class="cmc-dim" role="note">Paused: {news} came since.</p>')
    asked = Filter(words=words, bands=bands, encounters=encounters, note_types=note_types)
    held = known.newest(None if not asked.is_empty else ROWS) if paused is None else paused.claims
    return [claim for claim in held if asked.wants(claim, known.note_type(claim))][:ROWS]


def turn(known: Feed, total: int) -> None:
    """Hold the list as it stands, or let it go on."""
    if st.session_state.pop(PAUSED, None) is None:
        st.session_state[PAUSED] = Paused(claims=known.newest(None), total=total)


def show_chosen(known: Feed) -> None:
    """The opened claim, or how to open one."""
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
