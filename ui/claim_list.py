"""A list of claims: one is chosen, and stays chosen as others come."""

import html
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import streamlit as st

from clinical_coding.claim import Diagnosis
from ui.theme import BAND_MARKS

ROWS = 200  # claims in a list
FRAME = """
<div class="cmc-list"><table class="cmc-table" aria-label="{label}">
<thead><tr><th><span class="cmc-unseen">choose</span></th>{heads}</tr></thead><tbody></tbody>
</table></div>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Words in a cell, and the class of their look."""

    text: str
    look: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A claim in the list; ``spoken`` is what its radio button is called."""

    id: str
    spoken: str
    cells: tuple[tuple[Part, ...], ...]


class ShowList(Protocol):
    """Draws a list anew; a change of choice calls ``on_choice`` with a claim's event id."""

    def __call__(self, rows: Sequence[Row], chosen: str, on_choice: Callable[[str], None]) -> None:
        """The rows in their order, ``chosen`` marked where it is among them."""


def claim_list(name: str, label: str, heads: Sequence[str]) -> ShowList:
    """Register a list with Streamlit, once a process.

    A table of radio buttons in plain HTML: a click anywhere in a row or the arrow keys choose, and
    the browser sends the claim's event id, so rows that move in between do not matter.
    """
    script = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    columns = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in heads)
    frame = FRAME.format(label=html.escape(label), heads=columns)
    mount = st.components.v2.component(name, html=frame, js=script, isolate_styles=False)

    def show(rows: Sequence[Row], chosen: str, on_choice: Callable[[str], None]) -> None:
        mount(
            key=name,
            data={"claims": [asdict(row) for row in rows], "chosen": chosen, "name": name},
            default={"chosen": ""},
            on_chosen_change=lambda: on_choice(str(st.session_state[name]["chosen"])),
        )

    return show


def code_parts(diagnoses: Sequence[Diagnosis]) -> tuple[Part, ...]:
    """A claim's codes behind the marks of their bands."""
    return tuple(
        Part(text=f"{BAND_MARKS[d.band]} {d.code}", look=f"cmc-{d.band}") for d in diagnoses
    )


def spoken_codes(diagnoses: Sequence[Diagnosis]) -> str:
    """The codes with their bands in words."""
    return ", ".join(f"{diagnosis.code} {diagnosis.band}" for diagnosis in diagnoses)
