"""The project's own lists: what clinicians write, and what says too little to be a term."""

from collections.abc import Iterator
from pathlib import Path

from clinical_coding.term_table import TermKind
from training.raw_terms import RawTerm

OWN_TERMS = Path(__file__).parent / "own_terms.tsv"
TOO_GENERAL = Path(__file__).parent / "too_general.txt"


def own_terms() -> Iterator[RawTerm]:
    """The terms of own_terms.tsv."""
    for line in _lines(OWN_TERMS):
        phrase, code, kind = line.split("\t")
        yield RawTerm(phrase, code, TermKind(kind))


def too_general() -> Iterator[str]:
    """The phrases of too_general.txt."""
    return _lines(TOO_GENERAL)


def _lines(path: Path) -> Iterator[str]:
    """The lines of a list of ours, its comments left out."""
    return (line for line in path.read_text().splitlines() if not line.startswith("#"))
