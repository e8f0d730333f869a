"""How a note holds what it says: present, absent, possible, somebody else's.

After ConText (Harkema et al., 2009): a cue opens a scope of words before or after it, which ends at
the sentence's end, at a terminator, or after its reach. Cues are in assertion_cues.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clinical_coding.assertion_cues import CUES, TERMINATORS, Cue, Direction
from clinical_coding.claim import Assertion

# The first of these whose scope covers a mention says how the note holds it: what is denied in the
# family is denied, what may once have been is possible.
_PRECEDENCE = (
    Assertion.ABSENT,
    Assertion.FAMILY,
    Assertion.HYPOTHETICAL,
    Assertion.CONDITIONAL,
    Assertion.POSSIBLE,
    Assertion.HISTORICAL,
)
_SECTION_DEFAULTS = {
    "family_history": Assertion.FAMILY,
    "allergies": Assertion.CONDITIONAL,
    "return_precautions": Assertion.HYPOTHETICAL,
}
# A finding held so is, or was, the patient's own; perhaps.
HELD_AS_OWN = frozenset({Assertion.PRESENT, Assertion.POSSIBLE, Assertion.HISTORICAL})
_LISTS_OF_CONDITIONS = frozenset({"pmh", "psh", "assessment", "discharge_diagnosis"})
_BIT = {assertion: 1 << place for place, assertion in enumerate(_PRECEDENCE)}
_CUE_WORD = 1 << len(_PRECEDENCE)
_ALL = _CUE_WORD - 1


@dataclass(frozen=True, slots=True)
class Scopes:
    """For each word of a sentence the assertions whose scope it is in, as bits."""

    bits: tuple[int, ...]

    def of_mention(self, first: int, last: int) -> Assertion:
        """How the note holds words [first, last).

        Only a scope over all of them counts, so a cue that is part of a term ("family history of
        diabetes") leaves the term itself as it stands.
        """
        covering = _ALL
        for bits in self.bits[first:last]:
            covering &= bits
        return _STRONGEST[covering]

    def of_clause(self, first: int, last: int) -> Assertion:
        """How the note holds a clause, its own cue words left out."""
        covering = _ALL
        findings = [bits for bits in self.bits[first:last] if not bits & _CUE_WORD]
        for bits in findings:
            covering &= bits
        return _STRONGEST[covering] if findings else Assertion.PRESENT


def scopes(words: Sequence[str], segments: Sequence[int], section: str) -> Scopes:
    """The scopes of one sentence's cues over its words (normal spellings).

    ``segments`` numbers the stretches between commas, a number for each word. What stands before a
    cue is in its scope only within the nearest stretch; what stands after one that opens a list
    ("denies") over all of them.
    """
    default: Assertion | None = _SECTION_DEFAULTS.get(section)
    bits = [_BIT[default] if default is not None else 0] * len(words)
    for start, cues in _cues(words):
        for at in range(start, start + len(cues[0].words)):
            bits[at] |= _CUE_WORD
        for cue in cues:
            if _opens_a_segment(segments, start, cue, cues):
                continue
            bit = _BIT[cue.assertion] if cue.assertion is not None else 0
            for at in _scope(words, segments, start, cue, section):
                bits[at] |= bit
    return Scopes(tuple(bits))


def _cues(words: Sequence[str]) -> Iterator[tuple[int, tuple[Cue, ...]]]:
    """Where each cue starts; one that reads both ways ("unlikely") is there for each way."""
    at = 0
    while at < len(words):
        cues = _cues_at(words, at)
        if cues:
            yield at, cues
        at += len(cues[0].words) if cues else 1


def _cues_at(words: Sequence[str], at: int) -> tuple[Cue, ...]:
    for cues in CUES.get(words[at], ()):  # longest first
        length = len(cues[0].words)
        if tuple(words[at : at + length]) == cues[0].words:
            return cues
    return ()


def _scope(
    words: Sequence[str], segments: Sequence[int], start: int, cue: Cue, section: str
) -> Iterator[int]:
    """The words that a cue at ``start`` speaks of, nearest first."""
    if cue.assertion is None:
        return
    end = start + len(cue.words)
    if cue.direction is Direction.BACKWARD:
        reach = range(start - 1, max(-1, start - 1 - cue.reach), -1)
    else:
        reach = range(end, min(len(words), end + cue.reach))
    over_commas = cue.direction is Direction.FORWARD or (
        cue.direction is Direction.FORWARD_IN_PROSE and section not in _LISTS_OF_CONDITIONS
    )
    for at in reach:
        past_comma = segments[at] != segments[reach[0]]
        if words[at] in TERMINATORS[cue.assertion] or (past_comma and not over_commas):
            return
        yield at


def _opens_a_segment(segments: Sequence[int], start: int, cue: Cue, cues: Sequence[Cue]) -> bool:
    """Whether a cue that reads both ways looks ahead only: "chest pain, likely reflux"."""
    end = start + len(cue.words)
    begins = start > 0 and segments[start] != segments[start - 1]
    goes_on = end < len(segments) and segments[end] == segments[end - 1]
    backward = cue.direction is Direction.BACKWARD
    return backward and begins and goes_on and len({other.direction for other in cues}) > 1


def _first_of(bits: int) -> Assertion:
    return next((a for a in _PRECEDENCE if bits & _BIT[a]), Assertion.PRESENT)


_STRONGEST = tuple(map(_first_of, range(_ALL + 1)))  # for each set of bits
