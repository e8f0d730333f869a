"""The look and the words that the panels share: marks have a shape as well as a colour."""

import html
import re
from collections.abc import Iterable, Sequence

from clinical_coding.claim import Band, Profile

BAND_MARKS = {Band.SUBMIT: "●", Band.REVIEW: "◆"}
ENCOUNTERS = {  # HL7 v3 ActCode
    "AMB": "Outpatient",
    "EMER": "Emergency",
    "IMP": "Inpatient",
    "ACUTE": "Inpatient",
    "OBSENC": "Observation",
    "HH": "Home health",
    "VR": "Virtual",
}


PROFILES = {Profile.CLAIM: "the claim", Profile.MENTIONS: "every condition documented"}


def band_words(band: Band) -> str:
    """A band behind its mark, as text."""
    return f"{BAND_MARKS[band]} {band}"


def band_html(band: Band, words: str) -> str:
    """Words behind the band's mark, both in its colour; the words are escaped."""
    return f'<span class="cmc-{band}">{BAND_MARKS[band]} {html.escape(words)}</span>'


def encounter(encounter_class: str) -> str:
    """The encounter's class as a word, as it came where it is not known."""
    return ENCOUNTERS.get(encounter_class, encounter_class)


def counted(number: int, noun: str) -> str:
    """A number and what it counts: 1 note, 2,000 notes."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def notice_html(words: str, *, role: str = "note") -> str:
    """Words that a reader must not miss, escaped, with `commands` as code; "alert": wrong just now."""
    told = re.sub("`([^`]+)`", r"<code>\1</code>", html.escape(words))
    return f'<p class="cmc-notice" role="{role}">{told}</p>'


def tile_html(name: str, value: str, below: str) -> str:
    """A number of the page with its name above and words below; the value is HTML."""
    small = f" <small>{html.escape(below)}</small>" if below else ""
    return f"<div><dt>{html.escape(name)}</dt><dd>{value}{small}</dd></div>"


def table_html(label: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the cells are HTML, label and heads are escaped."""
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<table class="cmc-table" aria-label="{html.escape(label)}">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
