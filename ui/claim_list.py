"""The feed's list: newest first; what is chosen stays chosen as others come."""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from clinical_coding.note import NoteStatus
from schemas.claim_coded import ClaimCoded
from ui.theme import BAND_MARKS, encounter

ROWS = 200  # newest claims in the list
KEY = "claims"
FRAME = """
<div class="cmc-list"><table class="cmc-table" aria-label="Claims, newest first">
<thead><tr><th></th><th scope="col">coded, UTC</th><th scope="col">encounter</th>
<th scope="col">codes</th><th scope="col">first-listed diagnosis</th></tr></thead><tbody></tbody>
</table></div>
"""


def claim_list() -> Callable[[Sequence[ClaimCoded]], str]:
    """Register the list with Streamlit, once a process; what it returns draws the list anew.

    That answers with the event id of the chosen claim, "" at first. A table of radio buttons in plain HTML: a click anywhere in a row or the arrow keys choose, and
    the browser sends the claim's event id, so rows that move in between do not matter.
    """
    script = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    mount = st.components.v2.component("claim_list", html=FRAME, js=script, isolate_styles=False)

    def show(claims: Sequence[ClaimCoded]) -> str:
        chosen = st.session_state.get(KEY, {}).get("chosen", "")
        result = mount(
            key=KEY,
            data={"claims": [_row(claim) for claim in claims], "chosen": chosen},
            default={"chosen": ""},
            on_chosen_change=lambda: None,
        )
        return str(result.get("chosen") or "")

    return show


def _row(claim: ClaimCoded) -> dict[str, object]:
    """What a row shows; the script sets it as text."""
    is_withdrawn = claim.note_status is NoteStatus.RETRACTED
    first = claim.diagnoses[0].description if claim.diagnoses else ""
    return {
        "id": claim.event_id,
        "coded": f"{claim.coded_at:%H:%M:%S}",
        "encounter": encounter(claim.encounter_class),
        "codes": [
            {"band": d.band, "mark": BAND_MARKS[d.band], "code": d.code} for d in claim.diagnoses
        ],
        "first": first or ("withdrawn" if is_withdrawn else "no codes"),
    }
