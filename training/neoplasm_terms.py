"""Phrases of the Table of Neoplasms: a site, and what kind of growth is there."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from clinical_coding.term_table import TermKind
from training.raw_terms import RawTerm, without_notes

_GROWTHS = {  # column of the table -> what it is called
    "2": ("cancer", "carcinoma", "adenocarcinoma", "malignant neoplasm", "malignancy"),
    "3": ("metastasis", "metastases", "metastatic", "secondary malignant neoplasm"),
    "4": ("carcinoma in situ",),
    "5": ("benign neoplasm", "benign tumor", "adenoma"),
    "7": ("neoplasm", "tumor"),
}


def neoplasm_terms(table: Path) -> Iterator[RawTerm]:
    """Every site of the official XML (FY2026) with each kind of growth that has a code."""
    with gzip.open(table) as file:
        root = ET.parse(file).getroot()  # noqa: S314 - a file that the user names, of the CDC
    for main in root.iter("mainTerm"):
        for term in main.findall("term"):
            yield from _site(term, ())


def _site(term: ET.Element, above: tuple[str, ...]) -> Iterator[RawTerm]:
    title = term.find("title")
    site = (*above, without_notes("".join(title.itertext()) if title is not None else ""))
    for cell in term.findall("cell"):
        for growth in _GROWTHS.get(cell.get("col", ""), ()):
            for name in _names(site):
                yield RawTerm(f"{growth} {name}", (cell.text or "").strip(), TermKind.INDEX)
    for below in term.findall("term"):
        yield from _site(below, site)


def _names(site: tuple[str, ...]) -> Iterator[str]:
    """The site "breast, female" as written; each word of "colon, colonic" alone as well."""
    yield " ".join(site)
    if len(site) == 1 and "," in site[0]:
        yield from (part.strip() for part in site[0].split(",") if part.strip())
