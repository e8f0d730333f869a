"""The words that a misspelt word can be: one slip of the pen away."""

from collections.abc import Iterator
from string import ascii_lowercase

_MIN_LETTERS = 6  # shorter words are one slip away from too many others
# Ordinary words that are one letter away from a term.
_ORDINARY_LIST = """
addition additions additional detect detects detected declined decline derivation collect
collected advise advised signing acronym contacted brushing putting nicole parent parents
patients patience started starting stated stating seated placed planned planning explained
expected exposed examine examined present presented reported reporting returned returning
reviewed received recently regular request requested resting remained removed relation located
location lasting letter matter member moment monthly mother nothing number perform performed
possible prepare process provide provided question quickly reason register relative remain
select session several similar simple single sister slowly someone spouse summer support taking
talked together tolerate training travel usually various version visited waiting walked weather
weekly whether window winter within
"""
_ORDINARY = frozenset(_ORDINARY_LIST.split())


def respellings(word: str) -> Iterator[str]:
    """Every spelling that is one letter too many, too few, swapped or wrong away from a word.

    The first letter stays, since it is rarely the one that slips; nothing for short words, for
    ordinary ones, and for words with anything but unaccented letters.
    """
    if len(word) < _MIN_LETTERS or word in _ORDINARY or not (word.isascii() and word.isalpha()):
        return
    for at in range(1, len(word)):
        before, letter, after = word[:at], word[at], word[at + 1 :]
        yield before + after
        if after:
            yield before + after[0] + letter + after[1:]
        for other in ascii_lowercase:
            yield before + other + after
            yield before + other + letter + after
    for other in ascii_lowercase:
        yield word + other
