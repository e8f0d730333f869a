"""What of the sources' phrases becomes a term: checked against the code set, one reading of each."""

from collections.abc import Iterable, Iterator

from clinical_coding.code_set import CodeSet
from clinical_coding.leaves import NOTHING_SAID, choose_leaf
from clinical_coding.note import IcdCode
from clinical_coding.term_table import Term, TermKind
from clinical_coding.words import content_words
from training.own_terms import too_general
from training.raw_terms import RawTerm

MAX_CODES = 12  # a phrase that names more says next to nothing
_MAX_ACRONYM = 5  # letters
_MIN_ACRONYM = 3
_MIN_LETTERS = 3  # of a single word; our own list alone knows which shorter ones are safe
_OWN = frozenset({TermKind.ABBREVIATION, TermKind.ACRONYM, TermKind.LAY})  # kinds of own_terms.tsv


def checked(terms: Iterable[RawTerm], code_set: CodeSet) -> Iterator[tuple[str, Term]]:
    """Terms whose code is in the code set, and whose phrase names something."""
    says_nothing = {tuple(sorted(content_words(phrase))) for phrase in too_general()}
    for term in terms:
        code = IcdCode(term.code.rstrip(" -").rstrip("."))
        words = tuple(sorted(content_words(term.phrase)))
        short = len(words) == 1 and len(words[0]) < _MIN_LETTERS and term.kind not in _OWN
        if code in code_set and not short and words not in says_nothing:
            yield term.phrase, Term(code=code, kind=_kind(term))


def one_code_for_a_subtree(
    terms: Iterable[tuple[str, Term]], code_set: CodeSet
) -> Iterator[tuple[str, Term]]:
    """Terms without those that say less than another code of the same phrase.

    A header and the leaf that it defaults to are one reading: the header stays, since from there
    the note's words can choose. What our own list says of a phrase replaces what others say. A
    phrase of more than MAX_CODES codes is left out.
    """
    phrases: dict[tuple[str, ...], dict[IcdCode, tuple[str, Term]]] = {}
    for phrase, term in terms:
        words = tuple(sorted(content_words(phrase)))
        phrases.setdefault(words, {}).setdefault(term.code, (phrase, term))
    for named in phrases.values():
        own = {code for code, (_, term) in named.items() if term.kind in _OWN}
        codes = own or {code for code in named if not _implied(code, named, code_set)}
        kept = [term for code, term in named.items() if code in codes]
        if len(kept) <= MAX_CODES:
            yield from kept


def _implied(code: IcdCode, others: Iterable[IcdCode], code_set: CodeSet) -> bool:
    """Whether a header among the others leads to the same leaf when nothing more is said."""
    leaf = choose_leaf(code_set, code, NOTHING_SAID)
    above = (other for other in others if other != code and code.startswith(other))
    return any(choose_leaf(code_set, other, NOTHING_SAID) == leaf for other in above)


def _kind(term: RawTerm) -> TermKind:
    """Acronyms of any source are met only in capitals."""
    letters = term.phrase
    short = _MIN_ACRONYM <= len(letters) <= _MAX_ACRONYM and letters.isalpha()
    if term.kind in _OWN or not (short and letters.isupper()):
        return term.kind
    return TermKind.ACRONYM
