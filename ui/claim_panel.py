"""One claim: its codes, why, why not, and the note with its evidence."""

import html
from collections.abc import Sequence

import streamlit as st

from clinical_coding.claim import Diagnosis, DroppedCode
from clinical_coding.errors import StorageError
from clinical_coding.note import NoteStatus
from schemas.claim_coded import ClaimCoded
from schemas.claim_reviewed import ClaimReviewed
from ui.access import visitor
from ui.evidence import note_html, swatch_html
from ui.feed import Feed
from ui.held import held_words
from ui.resources import terms
from ui.reveals import note_reveal
from ui.review_words import told, told_former
from ui.theme import band_html, counted, encounter, notice_html, table_html
from ui.visitors import Duty

WARNINGS = {
    "code-set-not-in-force": "The code set was not in force on the date of service: its codes may "
    "not be valid for that day.",
    "semantic-search-limited": "The note is very long: only its telling duties were compared by meaning.",
}
NOTE_OFF = (
    "Note text is not shown here; the evidence is given by its place in the note. Only for synthetic "
    "notes, start the feed with CMC_UI_SHOW_NOTES=true."
)
NOTE_GONE = (
    "The text of this note is no longer held, or not yet; the evidence is given by its place in the "
    "note. CMC_UI_NOTE_MEMORY_MIB sets how much text is held."
)
NOTE_FOR_CODERS = (
    "Note text is shown to coders only; the evidence is given by its place in the note."
)
NO_CODES = "No code reached the review threshold: see below what was left out."
WITHDRAWN = "The note was retracted: this claim withdraws the one before it."


def show_claim(claim: ClaimCoded, feed: Feed) -> None:
    """The claim's codes, its note where the text may be shown, and what was left out."""
    reviews = feed.worklist
    review = reviews.standing(claim.event_id).review
    former = None if review else reviews.former_review(claim.event_id)
    st.html(claim_html(claim, feed.successor(claim), review, former))
    show_note(claim, feed)
    st.html(why_not_html(claim.dropped))


def show_note(claim: ClaimCoded, feed: Feed) -> None:
    """The note with its evidence where its text may be shown, else the evidence by place."""
    seen_by = visitor()
    if seen_by is None or not seen_by.may(Duty.CODER):
        st.html(notice_html(NOTE_FOR_CODERS) + places_html(claim))
        return
    text = feed.text(claim)
    if text is not None:
        _show_note(text, claim)
    else:
        st.html(notice_html(NOTE_GONE if feed.shows_notes else NOTE_OFF) + places_html(claim))


def _show_note(text: str, claim: ClaimCoded) -> None:
    """Only where it can be recorded who was shown it."""
    try:
        note_reveal(claim)
    except StorageError as error:
        st.html(notice_html(str(error), role="alert"))
    else:
        st.html(note_html(text, claim.diagnoses, held_words(text, terms())))


def claim_html(
    claim: ClaimCoded,
    successor: ClaimCoded | None,
    review: ClaimReviewed | None = None,
    former: ClaimReviewed | None = None,
) -> str:
    """What the claim is of and by, what a reader must know of it, and its codes in order.

    ``former`` is the review of a claim that this one supersedes.
    """
    notices = [] if successor is None else [superseded_words(claim, successor)]
    if review is not None:
        notices.append(told(review))
    if former is not None:
        notices.append(told_former(former))
    if not claim.diagnoses:
        is_withdrawn = claim.note_status is NoteStatus.RETRACTED
        notices.append(WITHDRAWN if is_withdrawn else NO_CODES)
    beside = warnings_html(claim.warnings) + "".join(map(notice_html, notices))
    return facts_html(claim) + beside + codes_html(claim.diagnoses)


def superseded_words(claim: ClaimCoded, successor: ClaimCoded) -> str:
    """By what another claim counts instead: a later version of the note, or a promoted replay."""
    if successor.note_version > claim.note_version:
        return f"Superseded by the claim for version {successor.note_version} of the note."
    return (
        f"Superseded by the claim of model {successor.model_version}, {successor.code_set}: a replay "
        "was promoted."
    )


def warnings_html(warnings: Sequence[str]) -> str:
    """What the engine says that a reader must see, as sentences."""
    return "".join(notice_html(WARNINGS.get(warning, warning)) for warning in warnings)


def places_html(claim: ClaimCoded) -> str:
    """The evidence by place: offsets count the characters of the note as it was signed."""
    rows = [
        (
            f"<code>{html.escape(diagnosis.code)}</code>",
            f"{evidence.start}–{evidence.end}",  # noqa: RUF001 - a range
            html.escape(evidence.section.replace("_", " ")),
            evidence.assertion,
            html.escape(evidence.match),
        )
        for diagnosis in claim.diagnoses
        for evidence in diagnosis.evidence
    ]
    heads = ("code", "characters", "section", "assertion", "found by")
    return table_html("Evidence by place", heads, rows) if rows else ""


def why_not_html(left_out: Sequence[DroppedCode]) -> str:
    """The candidates that were left out, with the reason and the guideline's section, to unfold."""
    rows = [
        (
            f"<code>{html.escape(dropped.code)}</code>",
            f"{dropped.probability:.2f}",
            html.escape(dropped.reason),
            html.escape(dropped.rule or ""),
        )
        for dropped in left_out
    ]
    if not rows:
        return '<p class="cmc-dim">No other code was considered.</p>'
    title = f"Why not: {counted(len(rows), 'code')} left out"
    table = table_html("Codes left out", ("code", "probability", "why", "rule"), rows)
    return f'<details class="cmc-fold"><summary>{title}</summary>{table}</details>'


def facts_html(claim: ClaimCoded) -> str:
    """What the claim is of, and what made it."""
    took_s = (claim.coded_at - claim.timings.published_at).total_seconds()
    facts = (
        f"{encounter(claim.encounter_class)} on {claim.date_of_service:%d %b %Y} · {claim.encounter_id}",
        f"Coded {claim.coded_at:%H:%M:%S} UTC, {took_s:.1f} s after its note · profile {claim.profile}",
        f"{claim.code_set} · model {claim.model_version} · encoder {claim.encoder}",
    )
    title = f"{html.escape(claim.note_id)} <span>version {claim.note_version}</span>"
    lines = "".join(f"<li>{html.escape(fact)}</li>" for fact in facts)
    return f'<h2 class="cmc-title">{title}</h2><ul class="cmc-facts">{lines}</ul>'


def codes_html(diagnoses: Sequence[Diagnosis]) -> str:
    """The codes in order, each with its rules, probability and band; nothing where there are none."""
    if not diagnoses:
        return ""
    rows = [
        (
            f"{swatch_html(place)}<code>{html.escape(diagnosis.code)}</code>",
            _described(diagnosis),
            f"{diagnosis.probability:.2f}",
            band_html(diagnosis.band, diagnosis.band),
        )
        for place, diagnosis in enumerate(diagnoses)
    ]
    return table_html(
        "Codes in order", ("code", "diagnosis and rules", "probability", "band"), rows
    )


def _described(diagnosis: Diagnosis) -> str:
    first = '<b class="cmc-first">first-listed</b>' if diagnosis.first_listed else ""
    hcc = f'<b class="cmc-first">HCC {html.escape(diagnosis.hcc)}</b>' if diagnosis.hcc else ""
    rules = "".join(f"<li>{html.escape(rule)}</li>" for rule in diagnosis.rules)
    rules = f'<ul class="cmc-rules">{rules}</ul>' if rules else ""
    return f"{html.escape(diagnosis.description)} {first}{hcc}{rules}"
