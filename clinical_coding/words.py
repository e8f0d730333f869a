"""Words of a note with their place, in the spelling that terms are kept in."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

_LETTERS = r"(?:[^\W_]|[\u0300-\u036f])"  # a letter, a digit, or an accent written on its own
_WORD = re.compile(
    rf"(?<!{_LETTERS})[A-Za-z]/[A-Za-z](?![\w/])"  # s/p, w/o, c/o
    r"|\d+(?:\.\d+)+"  # 7.5
    rf"|{_LETTERS}+(?:['\u2019]{_LETTERS}+)*"  # Crohn's, doesn't
)
_POSSESSIVE = re.compile(r"['\u2019]s$")
_MIN_PLURAL = 4  # letters: "gas" and "has" are no plurals

# British spellings, as endings or stems that are written otherwise in the code set.
_BRITISH = (
    ("haem", "hem"),
    ("anaem", "anem"),
    ("aemia", "emia"),
    ("oedem", "edem"),
    ("oesoph", "esoph"),
    ("oestr", "estr"),
    ("foet", "fet"),
    ("rrhoea", "rrhea"),
    ("pnoea", "pnea"),
    ("coeliac", "celiac"),
    ("caecum", "cecum"),
    ("paed", "ped"),
    ("leuc", "leuk"),
    ("tumour", "tumor"),
    ("ischaem", "ischem"),
    ("gynaec", "gynec"),
    ("anaesth", "anesth"),
    ("caesar", "cesar"),
    ("faec", "fec"),
    ("fibre", "fiber"),
    ("litre", "liter"),
    ("colour", "color"),
    ("behaviour", "behavior"),
    ("orthopaed", "orthoped"),
)
_SAME = {
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "tumoral": "tumor",
    "fell": "fall",
    "fallen": "fall",
}
# Words that carry no finding: a phrase is the same with and without them.
_FILLERS_LIST = """
a an the of in on at to for from by is are was were be been being has had have his her hers
their its our my your this that these those it he she they
"""
FILLERS = frozenset(_FILLERS_LIST.split())
# Short forms that stand for one word in any phrase, where the phrase itself is not a term.
_SPELT_OUT = {
    "fx": "fracture",
    "hx": "history",
    "h/o": "history",
    "dz": "disease",
    "tx": "treatment",
    "sx": "symptom",
    "abd": "abdominal",
    "bilat": "bilateral",
    "b/l": "bilateral",
    "w/o": "without",
    "w": "with",
    "exac": "exacerbation",
    "wk": "week",
    "r": "right",
    "rt": "right",
    "l": "left",
    "lt": "left",
}
_NAMED_A = frozenset(["hepatitis", "influenza", "flu", "vitamin", "group", "hemophilia", "type"])


@dataclass(frozen=True, slots=True)
class Word:
    """One word: [start, end) in the text, and its normal spelling."""

    start: int
    end: int
    normal: str = field(repr=False)  # PHI


def split_words(text: str, start: int = 0, end: int | None = None) -> Iterator[Word]:
    """The words within [start, end) of the text, in order, placed in the whole text."""
    for match in _WORD.finditer(text, start, len(text) if end is None else end):
        yield Word(match.start(), match.end(), normal_spelling(match.group()))


def content_words(text: str) -> tuple[str, ...]:
    """Normal spellings of a term's or title's words, in order, without fillers."""
    normals = [normal_spelling(match.group()) for match in _WORD.finditer(text)]
    return tuple(normals[at] for at in content_places(normals))


def content_places(normals: Sequence[str]) -> Iterator[int]:
    """The places of the words that are no fillers; the A of hepatitis A is none."""
    for at, normal in enumerate(normals):
        if normal not in FILLERS or (normal == "a" and at > 0 and normals[at - 1] in _NAMED_A):
            yield at


def spelt_out(normal: str) -> str:
    """The word that a clinician's short form stands for, or the word itself."""
    return _SPELT_OUT.get(normal, normal)


@lru_cache(maxsize=65_536)
def normal_spelling(word: str) -> str:
    """One spelling for a word's case, accents, number and British or American form.

    Both sides of every comparison go through this, so a form need not be pretty ("diabete"), only
    the same.
    """
    normal = _POSSESSIVE.sub("", _without_accents(word.casefold()))
    normal = _SAME.get(normal, normal)
    for british, american in _BRITISH:
        normal = normal.replace(british, american)
    return _singular(normal)


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFKD", word)
    return "".join(part for part in parts if not unicodedata.combining(part))


def _singular(word: str) -> str:
    if len(word) < _MIN_PLURAL or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > _MIN_PLURAL + 1:
        return word[:-3] + "y"
    if word.endswith(("oses", "yses", "stases")):  # diagnoses, paralyses, metastases
        return word[:-2] + "is"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1]
