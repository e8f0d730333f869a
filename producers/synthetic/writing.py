"""How an author writes: header style, abbreviations, slips of the keyboard."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from clinical_coding.note import Sex

HEADERS = {
    "chief_complaint": ("Chief Complaint", "CC"),
    "hpi": ("History of Present Illness", "HPI"),
    "pmh": ("Past Medical History", "PMH"),
    "psh": ("Past Surgical History", "PSH"),
    "family": ("Family History", "FH"),
    "social": ("Social History", "SH"),
    "medications": ("Medications", "Meds"),
    "allergies": ("Allergies", "Allergies"),
    "ros": ("Review of Systems", "ROS"),
    "exam": ("Physical Exam", "PE"),
    "results": ("Results", "Labs"),
    "assessment": ("Assessment", "Impression"),
    "plan": ("Plan", "Plan"),
    "both": ("Assessment and Plan", "A/P"),
    "interval": ("Subjective", "Interval History"),
    "course": ("Hospital Course", "Hospital Course"),
    "discharge": ("Discharge Diagnoses", "Discharge Dx"),
    "instructions": ("Discharge Instructions", "Instructions"),
}
SLIPS = {"patient": "pateint", "history": "histroy", "follow": "folow", "symptoms": "symtoms",
         "without": "wihtout", "medication": "medicaiton", "continue": "contineu"}  # fmt: skip
SHORTER = {"patient": "pt", "history of": "h/o", "complains of": "c/o", "with": "w/",
           "without": "w/o", "year-old": "yo", "status post": "s/p"}  # fmt: skip
SHARE_OF_SLIPS = 0.03
LIST_MARKS = ("- ", "* ", "{n}. ", "{n}) ", "# ", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """One clinician's habits; the same for all notes of an encounter."""

    short_headers: bool
    capital_headers: bool
    headers_inline: bool
    shortens: bool
    mark: str
    newline: str

    def section(self, name: str, body: str) -> str:
        """A section under its header."""
        header = HEADERS[name][self.short_headers]
        header = header.upper() if self.capital_headers else header
        joint = " " if self.headers_inline and "\n" not in body else "\n"
        return f"{header}:{joint}{body}"

    def items(self, lines: Sequence[str]) -> str:
        """Lines as this author's list."""
        return "\n".join(self.mark.format(n=n) + line for n, line in enumerate(lines, start=1))

    def prose(self, random: Random, text: str) -> str:
        """Free text with this author's abbreviations and, rarely, a slip."""
        if self.shortens:
            for long, short in SHORTER.items():
                text = re.sub(rf"\b{long}\b", short, text) if random.random() < 0.5 else text  # noqa: PLR2004 - half of the time
        return " ".join(
            SLIPS.get(word, word) if random.random() < SHARE_OF_SLIPS else word
            for word in text.split(" ")
        )


def author(random: Random) -> Author:
    """A clinician at random."""
    return Author(
        short_headers=random.random() < 0.4,  # noqa: PLR2004 - habits in shares, here and below
        capital_headers=random.random() < 0.5,  # noqa: PLR2004
        headers_inline=random.random() < 0.5,  # noqa: PLR2004
        shortens=random.random() < 0.4,  # noqa: PLR2004
        mark=random.choice(LIST_MARKS),
        newline="\r\n" if random.random() < 0.1 else "\n",  # noqa: PLR2004
    )


def person(age: int, sex: Sex) -> str:
    """The patient in a word: "58-year-old woman", "3-year-old boy", "newborn girl"."""
    child, woman = age < 18, sex is Sex.FEMALE  # noqa: PLR2004 - grown up
    noun = ("girl" if woman else "boy") if child else ("woman" if woman else "man")
    return f"newborn {noun}" if age == 0 else f"{age}-year-old {noun}"


def upper_first(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]
