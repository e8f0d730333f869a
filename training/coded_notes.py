"""A labelled note beside an answer to it: what every figure of an evaluation is made of."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from clinical_coding.code_set import CodeSet
from clinical_coding.note import IcdCode, LabelledNote

CATEGORY = 3  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedNote:
    """A labelled note, what was reported for it, and what that was chosen from.

    ``reported`` are codes in claim order with the probability that is shown, ``submitted`` those of
    them that go out untouched. ``candidates`` are all that were ranked, likeliest first, with the
    ranker's probability. Of those that were left out, ``refused`` have no words that count and
    ``dropped`` fell to a rule, each with the reason.
    """

    labelled: LabelledNote = field(repr=False)
    reported: Mapping[IcdCode, float]
    submitted: frozenset[IcdCode] = frozenset()
    candidates: Mapping[IcdCode, float]
    refused: Mapping[IcdCode, str] = field(default_factory=dict)
    dropped: Mapping[IcdCode, str] = field(default_factory=dict)


def answer_to(gold: str, codes: Collection[str], code_set: CodeSet) -> str | None:
    """The code that answers a gold code: itself, or for a header of today the first code below it.

    Labels of an older release name headers (M54.5 was split), which no engine may return.
    """
    if gold in codes:
        return gold
    if code_set.is_billable(gold):
        return None
    return next((code for code in codes if code.startswith(gold)), None)


def opened(gold: Iterable[str], codes: Collection[str], code_set: CodeSet) -> set[str]:
    """Gold codes, each header among them replaced by the first of the codes below it, if any."""
    return {answer_to(code, codes, code_set) or code for code in gold}


def categories(codes: Iterable[str]) -> set[str]:
    """The codes' first three characters."""
    return {code[:CATEGORY] for code in codes}
