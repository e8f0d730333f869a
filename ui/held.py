"""Words of a note that are not the patient's own condition: denied, or of the family."""

from collections.abc import Iterator
from dataclasses import dataclass

from clinical_coding.claim import Assertion
from clinical_coding.mentions import find_mentions
from clinical_coding.reading import read
from clinical_coding.term_table import TermTable

SHOWN = (Assertion.ABSENT, Assertion.FAMILY)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldWords:
    """[start, end) of the note names a condition that the note holds so."""

    start: int
    end: int
    assertion: Assertion


def held_words(text: str, terms: TermTable) -> Iterator[HeldWords]:
    """The conditions that the note denies or says of the family, in order, none within another.

    The claim keeps no places for what was left out, so the note is read for them as the engine
    reads it (ConText; Harkema et al., 2009), with the shipped terms.
    """
    named, _ = find_mentions(text, read(text), terms)
    reach = 0
    for mention in named:
        if mention.assertion in SHOWN and mention.start >= reach:
            reach = mention.end
            yield HeldWords(start=mention.start, end=mention.end, assertion=mention.assertion)
