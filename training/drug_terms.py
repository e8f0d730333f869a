"""Phrases of the Table of Drugs and Chemicals: a substance, and what it did (guidelines I.C.19.e)."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from clinical_coding.term_table import TermKind
from training.raw_terms import RawTerm, without_notes

_POISONED, _ADVERSE, _UNDERDOSED = "2", "6", "7"  # columns of the table
_SAID = {
    _POISONED: ("overdose", "poisoning", "toxicity", "intoxication"),
    _ADVERSE: ("adverse effect", "adverse reaction", "side effect"),
    _UNDERDOSED: ("underdosing",),
}


def drug_terms(table: Path) -> Iterator[RawTerm]:
    """Every substance of the official XML (FY2026) with each effect that has a code.

    A poisoning leads to the header above its intents: the note's words choose, and where they say
    none it is accidental (I.C.19.e.5.b).
    """
    with gzip.open(table) as file:
        root = ET.parse(file).getroot()  # noqa: S314 - a file that the user names, of the CDC
    for main in root.iter("mainTerm"):
        yield from _substance(main, ())


def _substance(term: ET.Element, above: tuple[str, ...]) -> Iterator[RawTerm]:
    title = term.find("title")
    named = (*above, without_notes("".join(title.itertext()) if title is not None else ""))
    for cell in term.findall("cell"):
        column, code = cell.get("col", ""), (cell.text or "").strip()
        for what in _SAID.get(column, ()):
            yield RawTerm(
                f"{' '.join(named)} {what}",
                code[:-1] if column == _POISONED else code,
                TermKind.INDEX,
            )
    for below in term.findall("term"):
        yield from _substance(below, named)
