"""A phrase of some source and the code that it names there, before anything is checked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from clinical_coding.term_table import TermKind


@dataclass(frozen=True, slots=True)
class RawTerm:
    """``code`` may be a header, end in a dash, or be of an older release."""

    phrase: str
    code: str
    kind: TermKind


_NOTE = re.compile(r"\b(?:NEC|NOS)\b|\s*\([^)]*\)|[*#\u2666]")


def without_notes(title: str) -> str:
    """A title of an official table without what it says beside the name: NEC, brackets, marks."""
    return _NOTE.sub("", title)


# The same thing in the words that clinicians use for those of the code set.
_OTHER_WORDS = (
    ("malignant neoplasm", "cancer"),
    ("malignant neoplasm", "carcinoma"),
    ("malignant neoplasm", "malignancy"),
    ("benign neoplasm", "benign tumor"),
    ("lower end of", "distal"),
    ("upper end of", "proximal"),
    ("lower limb", "leg"),
    ("upper limb", "arm"),
    ("contusion", "bruise"),
    ("sprain", "strain"),  # of a ligament; the index sends the one to the other, and a tear
    ("sprain", "tear"),
    ("mellitus", ""),
    ("renal", "kidney"),
    ("kidney", "renal"),
    ("hepatic", "liver"),
    ("pulmonary", "lung"),
    ("acute kidney failure", "acute kidney injury"),
    ("long term (current) use of", "on"),
    ("allergy status to", "allergic to"),
    ("allergy status to", "allergy to"),
    ("personal history of", "history of"),
    ("contact with and (suspected) exposure to", "exposure to"),
    ("with (acute) exacerbation", "exacerbation"),
    ("without foreign body", ""),
    ("encounter for", ""),
)
_OTHER_WORD_PATTERNS = tuple(
    (re.compile(rf"\b{re.escape(said)}(?!\w)", re.IGNORECASE), meant)
    for said, meant in _OTHER_WORDS
)


def in_other_words(phrase: str) -> Iterator[str]:
    """The phrase, then the phrase with each of the known exchanges made."""
    yield phrase
    for said, meant in _OTHER_WORD_PATTERNS:
        changed, count = said.subn(meant, phrase)
        if count:
            yield changed
