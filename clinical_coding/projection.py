"""Two linear maps that bring a clause near the titles that coders chose for such clauses.

The encoder was trained on everyday sentences. What a coder means by "alike" is learnt on top of it by
training/projecting.py: one map for the vectors of clauses and one for those of titles, each added to the
identity, so that an empty projection leaves the encoder as it is.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from clinical_coding.arrays import Vectors


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Projection:
    """The two maps, (dims, dims) each."""

    clauses: NDArray[np.float32] = field(repr=False)
    titles: NDArray[np.float32] = field(repr=False)

    def of_clauses(self, vectors: Vectors) -> Vectors:
        """The vectors of one note's clauses, turned; rows of length 1 again."""
        return _turned(vectors, self.clauses)

    def of_titles(self, vectors: Vectors) -> Vectors:
        """The vectors of titles, turned; rows of length 1 again."""
        return _turned(vectors, self.titles)


def _turned(vectors: Vectors, by: NDArray[np.float32]) -> Vectors:
    turned = vectors + vectors @ by
    turned /= np.linalg.norm(turned, axis=1, keepdims=True)
    return turned
