"""The feed's table: newest first; a click opens the claim and keeps it open as others come."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from schemas.claim_coded import ClaimCoded
from ui.theme import BAND_MARKS

ROWS = 200  # newest claims in the table
CHOSEN, SHOWN, ROUND = "chosen_claim", "shown_claims", "table_round"


def show_list(claims: Sequence[ClaimCoded]) -> None:
    """The table; what is clicked is kept by its event id in the session."""
    st.session_state[SHOWN] = [claim.event_id for claim in claims]
    key = f"claims-{st.session_state.setdefault(ROUND, 0)}"
    chosen = st.session_state.get(CHOSEN)
    st.dataframe(
        pd.DataFrame([_row(claim, is_chosen=claim.event_id == chosen) for claim in claims]),
        key=key,
        on_select=lambda: _choose(key),
        selection_mode="single-row",
        hide_index=True,
        height=560,
        column_config={
            "": st.column_config.TextColumn(width=20),
            "coded": st.column_config.TextColumn(width=80),
            "class": st.column_config.TextColumn(width=60),
            "codes": st.column_config.TextColumn(width=190),
        },
    )


def _choose(key: str) -> None:
    """Remember the claim in the row that was clicked, and let the table forget the row.

    Rows move as claims come: a row number would soon point at another claim.
    """
    rows = st.session_state[key].selection.rows
    if rows and rows[0] < len(st.session_state[SHOWN]):
        st.session_state[CHOSEN] = st.session_state[SHOWN][rows[0]]
        st.session_state[ROUND] += 1


def _row(claim: ClaimCoded, *, is_chosen: bool) -> dict[str, str]:
    return {
        "": "▶" if is_chosen else "",
        "coded": f"{claim.coded_at:%H:%M:%S}",
        "class": claim.encounter_class,
        "codes": "  ".join(f"{BAND_MARKS[d.band]} {d.code}" for d in claim.diagnoses) or "no codes",
        "first-listed": claim.diagnoses[0].description if claim.diagnoses else "",
        "note": f"{claim.note_id} v{claim.note_version}",
    }
