"""Two linear maps that bring a clause near the titles that coders chose for such clauses.

The encoder was trained on everyday sentences. What a coder means by "alike" is learnt on top of it by
training/projecting.py: one map for the vectors of clauses and one for those of titles, each added to the
identity, so that an empty projection leaves the encoder as it is.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clinical_coding.arrays import Vectors
from clinical_coding.products import Products, one_at_a_time


@dataclass(frozen=True, kw_only=True, eq=False)
class Projection:
    """The two maps, (dims, dims) each."""

    clauses: NDArray[np.float32] = field(repr=False)
    titles: NDArray[np.float32] = field(repr=False)

    def of_clauses(self, vectors: Vectors, products: Products = one_at_a_time) -> Vectors:
        """The vectors of clauses, turned; rows of length 1 again."""
        return _of_length_one(vectors + products(vectors, self._clause_columns))

    def of_titles(self, vectors: Vectors, products: Products = one_at_a_time) -> Vectors:
        """The vectors of titles, turned; rows of length 1 again."""
        return _of_length_one(vectors + products(vectors, self._title_columns))

    @cached_property
    def _clause_columns(self) -> Vectors:
        return np.ascontiguousarray(self.clauses.T)

    @cached_property
    def _title_columns(self) -> Vectors:
        return np.ascontiguousarray(self.titles.T)


def _of_length_one(turned: Vectors) -> Vectors:
    turned /= np.linalg.norm(turned, axis=1, keepdims=True)
    return turned
