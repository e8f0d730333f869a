"""One claim: its codes, why, why not, and the note with its evidence."""

import html

import pandas as pd
import streamlit as st

from schemas.claim_coded import ClaimCoded
from ui.evidence import note_html
from ui.theme import band_label

WARNINGS = {
    "code-set-not-in-force": "The code set was not in force on the date of service.",
    "semantic-search-limited": "The note is very long: only its telling parts were compared by meaning.",
}


def show_claim(claim: ClaimCoded, text: str | None) -> None:
    """The claim's table, its note where the text may be shown, and what was left out."""
    st.markdown("##### Claim")
    st.html(
        f'<div class="cmc-dim">{html.escape(claim.note_id)} v{claim.note_version}<br>'
        f"{html.escape(claim.encounter_class)} · service {claim.date_of_service} · "
        f"profile {claim.profile} · model {claim.model_version} · {claim.code_set}</div>"
    )
    for warning in claim.warnings:
        st.warning(WARNINGS.get(warning, warning))
    if claim.diagnoses:
        st.dataframe(pd.DataFrame(_rows(claim)), hide_index=True)
    else:
        st.info("No code reached the review threshold.")
    if text is not None:
        st.html(note_html(text, claim.diagnoses))
    else:
        st.caption("The note's text is not shown here (CMC_UI_SHOW_NOTES).")
    if claim.dropped:
        with st.expander(f"Why not: {len(claim.dropped)} codes left out"):
            st.dataframe(pd.DataFrame(_dropped(claim)), hide_index=True)


def _rows(claim: ClaimCoded) -> list[dict[str, str]]:
    return [
        {
            "code": d.code,
            "band": band_label(d.band),
            "probability": f"{d.probability:.2f}",
            "description": d.description,
            "rules": ", ".join(d.rules),
        }
        for d in claim.diagnoses
    ]


def _dropped(claim: ClaimCoded) -> list[dict[str, str]]:
    return [
        {
            "code": d.code,
            "probability": f"{d.probability:.2f}",
            "reason": d.reason,
            "rule": d.rule or "",
        }
        for d in claim.dropped
    ]
