"""Search over the codes that a release can submit: by code or by words, as they are typed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from clinical_coding.code_set import CodeSet
from clinical_coding.explanation import spelt
from clinical_coding.note import IcdCode

MOST = 12  # codes that are offered
LEAST_LETTERS = 2
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCode:
    """A code that can be submitted."""

    code: IcdCode
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSearch:
    """A release's billable codes, ready to be searched in some milliseconds."""

    code_set: CodeSet
    _found: tuple[FoundCode, ...] = field(repr=False)
    _texts: tuple[str, ...] = field(repr=False)  # each title's words, a blank before each

    def find(self, typed: str) -> list[FoundCode]:
        """The codes that begin as typed, dot or not; else those whose title has all the words begun.

        In tabular order for codes; for words first the titles that begin with one of them, then those
        with fewest words. At most MOST.
        """
        if len(typed.strip()) < LEAST_LETTERS:
            return []
        codes = self.code_set.billable_under(spelt(typed))
        if codes:
            titled = (FoundCode(code=c, title=self.code_set.title(c)) for c in codes)
            return list(islice(titled, MOST))
        wanted = tuple(f" {word}" for word in WORD.findall(typed.casefold()))

        def order(place: int) -> tuple[bool, int]:
            text = self._texts[place]
            return not text.startswith(wanted), text.count(" ")

        found = sorted(self._with_words(wanted), key=order)
        return [self._found[place] for place in found[:MOST]]

    def _with_words(self, wanted: Sequence[str]) -> Iterator[int]:
        for place, text in enumerate(self._texts):
            if wanted and all(word in text for word in wanted):
                yield place


def code_search(code_set: CodeSet) -> CodeSearch:
    """A search over one release."""
    found = tuple(FoundCode(code=code, title=title) for code, title in code_set.billable())
    texts = tuple(
        "".join(f" {word}" for word in WORD.findall(one.title.casefold())) for one in found
    )
    return CodeSearch(code_set=code_set, _found=found, _texts=texts)
