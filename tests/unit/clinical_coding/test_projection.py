"""The maps on top of the encoder."""

import numpy as np

from clinical_coding.projection import Projection


def _projection(seed: int) -> Projection:
    random = np.random.default_rng(seed)
    clauses, titles = (0.1 * random.normal(size=(2, 8, 8))).astype(np.float32)
    return Projection(clauses=clauses, titles=titles)


def test_an_empty_projection_leaves_vectors_as_they_are() -> None:
    nothing = Projection(clauses=np.zeros((3, 3), np.float32), titles=np.zeros((3, 3), np.float32))
    vectors = np.eye(3, dtype=np.float32)

    np.testing.assert_array_equal(nothing.of_clauses(vectors), vectors)


def test_turned_vectors_have_length_one_and_what_was_given_stays() -> None:
    given = np.random.default_rng(1).normal(size=(5, 8)).astype(np.float32)
    before = given.copy()

    turned = _projection(2).of_titles(given)

    np.testing.assert_allclose(np.linalg.norm(turned, axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(given, before)


def test_no_clauses_give_no_rows() -> None:
    assert _projection(3).of_clauses(np.empty((0, 8), np.float32)).shape == (0, 8)
