"""Phrases of the Alphabetic Index: a main term and the subterms under it, read as one phrase."""

import csv
import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path

from clinical_coding.term_table import TermKind
from clinical_coding.words import content_words
from training.raw_terms import RawTerm, in_other_words

_NOTE = re.compile(r"\b(?:NEC|NOS)\b|\s*[(\[][^)\]]*[)\]]|\u2014.*$")
_MODIFIER = re.compile(r"\(([^)]{3,40})\)")
_JOINING = re.compile(r"^(?:with|due to|in|following|associated with|caused by) (.+)$")
_SAYS_NOTHING = re.compile(r"^unspecified\b|^type$|^site$")
_ANY_OTHER = re.compile(r"^(?:specified|other)\b")  # for a case that no line of the index names

_MAX_PATHS = 8  # readings of one line: alternatives multiply
_MAX_MODIFIERS = 10
_STEM = 3  # letters that alternatives share: "Abdomen, abdominal", but not "Tamponade, heart"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexLine:
    """One line: its term under all those that it is indented below, ``modifiers`` optional."""

    path: tuple[str, ...]
    modifiers: tuple[str, ...]
    code: str  # "" where the line only refers
    see: str


def index_terms(index: Path) -> Iterator[RawTerm]:
    """Every phrase of an index in the CSV form of data/icd10cm (FY2025), references followed."""
    lines = tuple(_lines(index))
    targets = {_key(line.path): line.code for line in reversed(lines) if line.code}
    for line in lines:
        code = line.code or _referred(line.see, targets)
        if code:
            for phrase in _phrases(line):
                yield RawTerm(phrase, code, TermKind.INDEX)


def _lines(index: Path) -> Iterator[IndexLine]:
    path: list[str] = []
    with gzip.open(index, "rt", encoding="utf-8", errors="replace", newline="") as file:
        for row in csv.DictReader(file):
            path = [*path[: int(row["Level"])], row["Term"]]
            yield IndexLine(
                path=tuple(path),
                modifiers=tuple(_MODIFIER.findall(row["NonEssModif"] or "")),
                code=(row["Code"] or "").split(" ")[0],
                see=row["See"] or "",
            )


def _key(path: Sequence[str]) -> tuple[str, ...]:
    return content_words(" ".join(_NOTE.sub("", term) for term in path))


def _referred(see: str, targets: Mapping[tuple[str, ...], str]) -> str:
    return targets.get(content_words(see), "") if see else ""


def _phrases(line: IndexLine) -> Iterator[str]:
    terms = [_NOTE.sub("", term).strip(" ,-").lower() for term in line.path]
    if any(_ANY_OTHER.match(term) for term in terms):
        return
    choices = [_readings(term) for term in terms if not _SAYS_NOTHING.match(term)]
    for words in islice(product(*choices), _MAX_PATHS):
        phrase = " ".join(words)
        yield from in_other_words(phrase)
        for modifier in line.modifiers[:_MAX_MODIFIERS]:
            yield f"{modifier} {phrase}"


def _alternatives(term: str) -> tuple[str, ...]:
    """Either word of "Abdomen, abdominal"; "Tamponade, heart" is one description."""
    parts = tuple(part.strip() for part in term.split(",") if part.strip())
    alike = len({part[:_STEM] for part in parts}) == 1
    return parts if alike else (term,)


def _readings(term: str) -> tuple[str, ...]:
    """A term as it stands, and without its joining word: "asthma (with) exacerbation"."""
    joining = _JOINING.match(term)
    return (*_alternatives(term), joining.group(1)) if joining else _alternatives(term)
