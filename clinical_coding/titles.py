"""The vectors of the billable codes' titles: what a clause of a note is compared with."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from clinical_coding.arrays import Vectors
from clinical_coding.code_set import CodeSet, plain_text
from clinical_coding.errors import ModelBundleError
from clinical_coding.note import IcdCode


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TitleVectors:
    """One vector for each distinct title text of a category, and a code that has it.

    Laterality and the kind of encounter are not part of a text: from the code the note's own words
    lead to the leaf (`clinical_coding.leaves.choose_leaf`). That leaves 28,000 of 75,000 titles.
    """

    vectors: Vectors = field(repr=False)  # (texts, dims)
    codes: tuple[IcdCode, ...] = field(repr=False)  # (texts,)
    rows: dict[tuple[str, str], int] = field(repr=False)  # (text, category) -> row

    def row(self, code: str, title: str) -> int:
        """The row of a billable code of this code set."""
        return self.rows[_key(code, title)]


def title_texts(code_set: CodeSet) -> tuple[str, ...]:
    """The texts to encode, in an order that depends on the code set alone."""
    return tuple(text for (text, _), _ in _first_codes(code_set))


def title_vectors(code_set: CodeSet, vectors: Vectors) -> TitleVectors:
    """Join the vectors of ``title_texts(code_set)``, row for row, with their codes.

    Raises ModelBundleError when there is not exactly one vector for each text.
    """
    texts = tuple(_first_codes(code_set))
    if len(vectors) != len(texts):
        raise ModelBundleError(
            f"expected {len(texts)} title vectors for code set {code_set.version}; got "
            f"{len(vectors)}; compute them again with the bundle's encoder"
        )
    return TitleVectors(
        vectors=vectors,
        codes=tuple(code for _, code in texts),
        rows={key: row for row, (key, _) in enumerate(texts)},
    )


def vectors_beyond(
    known: CodeSet,
    vectors: Vectors,
    texts: Sequence[str],
    encode: Callable[[Sequence[str]], Vectors],
) -> Vectors:
    """The vectors of any texts, encoding only those that are no title text of a known release.

    ``vectors`` are those of ``title_texts(known)``. Releases differ in a few hundred titles.
    """
    rows = {text: row for row, text in enumerate(title_texts(known))}
    new = encode([text for text in texts if text not in rows])
    both = np.concatenate((vectors, new))
    beyond = iter(range(len(vectors), len(both)))
    return both[[rows[text] if text in rows else next(beyond) for text in texts]]


def _first_codes(code_set: CodeSet) -> Iterator[tuple[tuple[str, str], IcdCode]]:
    first: dict[tuple[str, str], IcdCode] = {}
    for code, title in code_set.billable():
        first.setdefault(_key(code, title), code)
    return iter(first.items())


def _key(code: str, title: str) -> tuple[str, str]:
    return plain_text(title), code[:3]
