"""The codes of one claim in a coder's hands: decided by key or click, sent as one review.

The decisions live in the browser until they are sent: a key press that had to reach the server would
be lost, or change places with another one, whenever it fell into a run of the page
(docs/adr/0020-reviews.md).
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import streamlit as st

from clinical_coding.claim import Band
from schemas.claim_coded import ClaimCoded
from schemas.claim_reviewed import ReviewAction
from ui.code_search import FoundCode
from ui.decisions import ACCEPTED, REASONS, SentReview, SentRow
from ui.evidence import paint
from ui.theme import BAND_MARKS

NAME = "review_editor"
KEYS = (
    ("A", "accept"),
    ("X", "reject"),
    ("1–6", "reason"),  # noqa: RUF001 - a range
    ("J K", "next, previous code"),
    ("U D", "move up, down"),
    ("N", "add a code"),
    ("Ctrl Enter", "send"),
    ("S", "skip"),
)
FRAME = """
<div class="cmc-editor" role="group" aria-label="Review">
<table class="cmc-table" aria-label="Codes to decide"><thead><tr><th><span class="cmc-unseen">current</span></th>
<th scope="col">code</th><th scope="col">diagnosis</th><th scope="col">engine</th>
<th scope="col">decision</th></tr></thead><tbody></tbody></table>
<div class="cmc-add"><input type="text" role="combobox" aria-label="Add a code" aria-autocomplete="list"
aria-controls="cmc-found" aria-expanded="false" autocomplete="off" spellcheck="false"
placeholder="Add a code: type a code or words of its title">
<ul role="listbox" id="cmc-found" aria-label="Codes found" hidden></ul></div>
<div data-part="conflict"></div>
<div class="cmc-send"><button type="button" class="cmc-primary" data-part="send">Send review</button>
<button type="button" data-part="leave">Skip</button> <span role="status"></span>
<label><input type="checkbox" data-part="keys" checked> single keys</label></div>
<p class="cmc-keys">{keys}</p>
</div>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingReview:
    """The review that stands already, as a coder is told of it."""

    id: str
    told: str


class ShowEditor(Protocol):
    """Draws the editor for a claim and calls what a coder asks for."""

    def __call__(  # noqa: PLR0913 - what an editor shows and asks
        self,
        claim: ClaimCoded,
        *,
        before: SentReview | None,
        again: int,
        standing: StandingReview | None,
        search: Callable[[str], Sequence[FoundCode]],
        is_open: bool,
        on_sent: Callable[[object], None],
        on_left: Callable[[], None],
    ) -> None:
        """``before`` are decisions to begin from, a new ``again`` lets the same be sent once more.

        Where it is not open nothing can be decided.
        """


def review_editor() -> ShowEditor:
    """Register the editor with Streamlit, once a process."""
    script = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    keys = " ".join(
        f"<span>{' '.join(f'<kbd>{key}</kbd>' for key in names.split())} {does}</span>"
        for names, does in KEYS
    )
    mount = st.components.v2.component(
        NAME, html=FRAME.format(keys=keys), js=script, isolate_styles=False
    )
    reasons = {
        action.value: dict(REASONS[action])
        for action in (ReviewAction.ACCEPT, ReviewAction.REJECT, ReviewAction.ADD)
    }

    def show(  # noqa: PLR0913 - what an editor shows and asks
        claim: ClaimCoded,
        *,
        before: SentReview | None,
        again: int,
        standing: StandingReview | None,
        search: Callable[[str], Sequence[FoundCode]],
        is_open: bool,
        on_sent: Callable[[object], None],
        on_left: Callable[[], None],
    ) -> None:
        typed = str(st.session_state.get(NAME, {}).get("typed") or "")
        found = [asdict(one) for one in search(typed)]
        mount(
            key=NAME,
            data={
                "claim": claim.event_id,
                "again": again,
                "rows": rows_of(claim, before),
                "reasons": reasons,
                "found": {"typed": typed, "codes": found},
                "standing": None if standing is None else asdict(standing),
                "is_open": is_open,
            },
            default={"typed": ""},
            on_typed_change=lambda: None,
            on_sent_change=lambda: on_sent(st.session_state[NAME]["sent"]),
            on_left_change=on_left,
        )

    return show


def rows_of(claim: ClaimCoded, before: SentReview | None) -> list[dict[str, object]]:
    """The codes as the editor begins: the submit band accepted, the review band open; or as before."""
    engine = {diagnosis.code: place for place, diagnosis in enumerate(claim.diagnoses)}
    if before is None:
        return [_row(claim, place, None) for place in engine.values()]
    return [
        _row(claim, engine[row.code], row) if row.code in engine else _added(row)
        for row in before.rows
    ]


def _row(claim: ClaimCoded, place: int, before: SentRow | None) -> dict[str, object]:
    diagnosis = claim.diagnoses[place]
    is_kept = before.is_kept if before else diagnosis.band is Band.SUBMIT or None
    words = {True: ReviewAction.ACCEPT, False: ReviewAction.REJECT, None: None}
    return {
        "code": diagnosis.code,
        "description": diagnosis.description,
        "band": diagnosis.band,
        "mark": BAND_MARKS[diagnosis.band],
        "probability": f"{diagnosis.probability:.2f}",
        "notes": [f"HCC {diagnosis.hcc}"] * bool(diagnosis.hcc) + list(diagnosis.rules),
        "colour": paint(place),
        "decision": words[is_kept],
        "reason": before.reason if before else ACCEPTED,
    }


def _added(row: SentRow) -> dict[str, object]:
    look = {"description": "", "band": "", "mark": "+", "probability": "", "colour": ""}
    return look | {"code": row.code, "notes": [], "decision": "add", "reason": row.reason}
