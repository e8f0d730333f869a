"""Products with fixed matrices: OpenVINO's and the plain ones keep one contract."""

import gc
import weakref

import numpy as np
import pytest

from clinical_coding.arrays import Vectors
from clinical_coding.products import Products, one_at_a_time
from runtime.products import CompiledProducts


@pytest.fixture(params=[one_at_a_time, CompiledProducts(), CompiledProducts(threads=1)])
def products(request: pytest.FixtureRequest) -> Products:
    """Each implementation."""
    made: Products = request.param
    return made


def _vectors(count: int, seed: int) -> Vectors:
    return np.random.default_rng(seed).standard_normal((count, 384), dtype=np.float32)


def test_a_product_holds_each_dot_product(products: Products) -> None:
    vectors, rows = _vectors(5, 1), _vectors(700, 2)

    exact = vectors.astype(np.float64) @ rows.astype(np.float64).T

    np.testing.assert_allclose(products(vectors, rows), exact, atol=1e-4)


def test_a_row_is_the_same_bits_whatever_stands_beside_it(products: Products) -> None:
    vectors, rows = _vectors(150, 3), _vectors(700, 4)

    together = products(vectors, rows)

    for first, last in ((0, 1), (1, 3), (3, 10), (10, 27), (27, 150)):
        np.testing.assert_array_equal(products(vectors[first:last], rows), together[first:last])


def test_an_earlier_answer_outlives_the_next(products: Products) -> None:
    vectors, rows = _vectors(3, 5), _vectors(20, 6)
    answer = products(vectors, rows)
    before = answer.copy()

    products(-vectors, rows)

    np.testing.assert_array_equal(answer, before)


def test_no_vectors_give_no_rows(products: Products) -> None:
    assert products(_vectors(0, 7), _vectors(20, 8)).shape == (0, 20)


def test_a_compiled_matrix_goes_with_the_array_it_was_made_of() -> None:
    """So that cross-fitting, which turns the titles anew in each fold, does not fill the memory."""
    products, rows = CompiledProducts(), _vectors(20, 9)
    products(_vectors(1, 10), rows)
    gone = weakref.ref(rows)

    del rows
    gc.collect()

    assert gone() is None
    np.testing.assert_allclose(
        products(_vectors(2, 11), _vectors(20, 12)), _vectors(2, 11) @ _vectors(20, 12).T, atol=1e-4
    )
