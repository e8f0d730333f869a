"""Phrases of the tabular list: titles and inclusion terms, in the forms in which they are written."""

import re
from collections.abc import Iterator

import simple_icd_10_cm as tabular

from clinical_coding.code_set import CodeSet
from clinical_coding.term_table import TermKind
from training.raw_terms import RawTerm, in_other_words

_ENCOUNTER = re.compile(r", (?:initial encounter|subsequent encounter|sequela)")
_OPTIONAL_S = re.compile(r"\((e?s)\)")
_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]")
_SAYS_NOTHING = (
    re.compile(r",? (?:not elsewhere classified|not otherwise specified|NEC|NOS)(?=$|,)"),
    re.compile(r", (?:unspecified|not specified)\b(?! with\b)[^,]*$"),  # "with" adds to it
    re.compile(r"\bunspecified (?:sites?|parts?) of ", re.IGNORECASE),
    re.compile(r",? (?:of|in|at) unspecified (?:sites?|parts?|region|location|organ)(?=$|,)"),
    re.compile(r"\bunspecified\b,? ?", re.IGNORECASE),
    re.compile(r",? without complications?$"),
)


def tabular_terms(code_set: CodeSet) -> Iterator[RawTerm]:
    """Titles and inclusion terms of every code, of one with encounters only above the encounter.

    Which encounter it is, and which side, the note decides: `clinical_coding.leaves`.
    """
    for code, title in zip(code_set.codes, code_set.titles, strict=True):
        if _ENCOUNTER.search(title):
            continue
        yield from _terms(title, code, TermKind.TITLE)
        for inclusion in (*tabular.get_inclusion_term(code), *tabular.get_includes(code)):
            yield from _terms(inclusion, code, TermKind.INCLUSION)


def _terms(phrase: str, code: str, kind: TermKind) -> Iterator[RawTerm]:
    for form in dict.fromkeys(_forms(_OPTIONAL_S.sub(r"\1", phrase))):
        yield RawTerm(form, code, kind)


def _forms(phrase: str) -> Iterator[str]:
    for bracketed in (phrase, _BRACKETS.sub("", phrase)):
        shortened = bracketed
        yield from in_other_words(shortened)
        for nothing in _SAYS_NOTHING:
            shortened = nothing.sub("", shortened)
            yield from in_other_words(shortened)
