"""The codes that an instructional note of the tabular list names, read out of its wording.

"hypertensive disease complicating pregnancy (O10-O11, O13-O16)" names O10-O11 and O13-O16.
"""

import re
from collections.abc import Iterator

from clinical_coding.code_notes import CodeRange

_CODE = r"(?:[A-Z]\d[0-9A-Z]|[A-Z]A\d)(?:\.[0-9A-Z]{1,4})?(?![0-9A-Za-z])"
# A dash behind a code stands for what is below it ("E08.-"), one between two codes makes a range.
_RANGE = re.compile(
    rf"(?<![A-Za-z0-9])({_CODE})(?:(?:\.?-?-|\.?-?\s+-\s*|\.?-?\s+to\s+)({_CODE}))?\.?-?"
)
_BRACKETS = re.compile(r"\(([^()]*)\)")
_ONLY = re.compile(r"\bwith\b(.*)")  # what of the codes named before it is meant

_PLACES = {"5th": 2, "fifth": 2, "6th": 3, "sixth": 3, "7th": 4, "seventh": 4}
_CHARACTER = re.compile(
    r"(5th|fifth|6th|sixth|7th|seventh)(?: (?:or|to) six(?:th)?)?[- ]characters? \.?([\w -]+)"
)
_BEHIND_THE_DOT = re.compile(r"\.(\d+)(?:-\.(\d+))?")
_LAST = re.compile(r"final characters -(\d+)")


def references(note: str) -> tuple[CodeRange, ...]:
    """The ranges of codes that a note names; none where it only describes a condition.

    Codes outside brackets are not named by a heading ("code, if applicable, for codes G31.0-G31.83,
    to identify:"): what is to be coded stands in the lines below it.
    """
    bracketed = tuple(one for part in _BRACKETS.findall(note) for one in _named(part))
    return bracketed or (() if note.rstrip().endswith(":") else tuple(_named(note)))


def _named(text: str) -> Iterator[CodeRange]:
    found = list(_RANGE.finditer(text))
    if not found:
        return
    only = _ONLY.search(text, found[-1].end())
    pattern = _pattern(only[1]) if only else ""
    if pattern is None:
        return
    for first, last in (match.groups() for match in found):
        span = f"{first}-{last}" if last else first
        yield CodeRange(f"{span}~{pattern}" if pattern else span)


def _pattern(condition: str) -> str | None:
    """A pattern for a code's characters after the third; None for a condition of another kind."""
    if last := _LAST.search(condition):
        return f".*{last[1]}"
    if character := _CHARACTER.search(condition):
        return _characters(character)
    behind = _BEHIND_THE_DOT.findall(condition)
    starts = (start for first, last in behind for start in _counted(first, last))
    return "|".join(f"{start}.*" for start in starts) or None


def _counted(first: str, last: str) -> Iterator[str]:
    return (str(n).zfill(len(first)) for n in range(int(first), int(last or first) + 1))


def _characters(found: re.Match[str]) -> str | None:
    place, named = _PLACES[found[1]], re.fullmatch(r"(\w(?:-\w)?)(?: or (\w))?|\d\d", found[2])
    if named is None:
        return None
    if " or six" in found[0]:  # the intent of a poisoning: the sixth, or the fifth before an X
        return f".[{_any_of(named)}](X.*)?|..[{_any_of(named)}].*"
    wanted = f"[{_any_of(named)}]" if named[1] else named[0]
    return "." * (place - 1) + wanted + ".*"


def _any_of(named: re.Match[str]) -> str:
    return named[1] + (named[2] or "")
