"""Calibration against counting by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.reliability import Bin, calibration_error, reliability

JUDGED = st.lists(st.tuples(st.floats(0, 1), st.booleans()))


def test_codes_are_binned_by_tenths_and_the_gaps_weighed_by_the_codes() -> None:
    """At 0.85 and 0.87 one of two is gold, at 1 the one: 2/3 of 0.36 and 1/3 of 0."""
    bins = reliability([(0.85, True), (1.0, True), (0.87, False)])

    assert [(one.start, one.codes, one.gold) for one in bins] == [(0.8, 2, 0.5), (0.9, 1, 1)]
    assert bins[0].probability == pytest.approx(0.86)
    assert calibration_error(bins) == pytest.approx(0.36 * 2 / 3)


def test_an_honest_probability_has_no_error() -> None:
    assert calibration_error([Bin(start=0.5, codes=4, probability=0.5, gold=0.5)]) == 0


def test_no_codes_have_no_error() -> None:
    assert calibration_error(reliability([])) == 0


@given(JUDGED)
def test_every_code_is_in_the_one_bin_that_holds_its_probability(
    judged: list[tuple[float, bool]],
) -> None:
    bins = reliability(judged)

    assert sum(one.codes for one in bins) == len(judged)
    assert len({one.start for one in bins}) == len(bins)
    assert all(one.start - 1e-9 <= one.probability <= one.start + 0.1 + 1e-9 for one in bins)
    assert 0 <= calibration_error(bins) <= 1
