"""How alike clauses and many fixed vectors are, as one matrix product for the clauses of many notes."""

from typing import Protocol

import numpy as np

from clinical_coding.arrays import Vectors


class Products(Protocol):
    """Multiplies vectors with a matrix that stays: titles, learnt clauses, a projection."""

    def __call__(self, vectors: Vectors, rows: Vectors) -> Vectors:
        """``vectors @ rows.T``, (vectors, rows).

        A row of the answer depends on its vector alone, bit for bit, so that a note is coded alike
        in any batch. ``rows`` is never changed after it was given once.
        """


def one_at_a_time(vectors: Vectors, rows: Vectors) -> Vectors:
    """Products without any library: right, and slow where there are many vectors."""
    product = np.empty((len(vectors), len(rows)), np.float32)
    for vector, out in zip(vectors, product, strict=True):
        np.dot(rows, vector, out=out)
    return product
