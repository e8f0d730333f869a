"""What the note says in the sentence around a code's evidence, where a rule turns on its words."""

import re
from collections.abc import Iterable

from clinical_coding.claim import Evidence

_STOP = re.compile(r"[.;!?](?=\s)|\n")


def sentence_says(pattern: re.Pattern[str], text: str, evidence: Iterable[Evidence]) -> bool:
    """Whether the pattern is in the sentence of any of the spans."""
    return any(pattern.search(text, *_sentence(text, span)) for span in evidence)


def words_say(pattern: re.Pattern[str], text: str, evidence: Iterable[Evidence]) -> bool:
    """Whether the pattern is in the words of any of the spans themselves."""
    return any(pattern.search(text, span.start, span.end) for span in evidence)


def _sentence(text: str, span: Evidence) -> tuple[int, int]:
    """[start, end) of what stands around a span between two stops."""
    before = [stop.end() for stop in _STOP.finditer(text, 0, span.start)]
    after = _STOP.search(text, span.end)
    return before[-1] if before else 0, after.start() if after else len(text)
