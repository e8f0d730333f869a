"""Laws of calibration and of the bars of the bands."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.features import FEATURES
from runtime.progress import silent
from training.fitting import calibrate, fit, thresholds
from training.pairs import Pairs, joined

SCORE = st.integers(0, 99).map(lambda n: n / 100)
SCORED = st.lists(st.tuples(SCORE, st.booleans()), min_size=1, max_size=60)

PRECISION = 0.97


def pairs_with(labels: list[bool], gold: int | None = None) -> Pairs:
    """Pairs of one note; features are left empty."""
    return Pairs(
        matrix=np.zeros((len(labels), len(FEATURES)), np.float32),
        is_gold=np.array(labels, bool),
        notes=1,
        gold=sum(labels) if gold is None else gold,
    )


@given(SCORED)
def test_what_reaches_the_submit_bar_is_as_precise_as_promised(
    scored: list[tuple[float, bool]],
) -> None:
    """And review never lies above submit."""
    scores = np.array([score for score, _ in scored], np.float32)
    pairs = pairs_with([gold for _, gold in scored])

    bars = thresholds(scores, pairs, PRECISION)

    sent = pairs.is_gold[scores >= bars.submit]
    assert not len(sent) or sent.mean() >= PRECISION
    assert 0 <= bars.review <= bars.submit <= 1


def test_bars_lie_where_counting_by_hand_puts_them() -> None:
    """The six likeliest are right, then every second one is: submit ends before the first miss."""
    scores = np.array([0.99, 0.98, 0.97, 0.96, 0.95, 0.94, 0.6, 0.5, 0.4, 0.1], np.float32)
    gold = [True] * 6 + [False, True, False, False]

    bars = thresholds(scores, pairs_with(gold), PRECISION)

    assert bars.submit == pytest.approx(0.94, abs=1e-4)
    assert bars.review == pytest.approx(0.5, abs=1e-4)
    assert (scores >= bars.submit).sum() == 6
    assert (scores >= bars.review).sum() == 8


def test_equal_scores_stay_on_one_side_of_a_bar() -> None:
    """Calibration makes plateaus: half of one cannot be sent."""
    scores = np.array([0.9] * 10, np.float32)

    bars = thresholds(scores, pairs_with([True] * 9 + [False]), PRECISION)

    assert bars.submit == 1  # nine in ten is not precise enough, so nothing is sent


def test_where_nothing_is_precise_enough_nothing_is_sent() -> None:
    bars = thresholds(np.array([0.9, 0.8], np.float32), pairs_with([False, True]), PRECISION)

    assert bars.submit == 1


@given(SCORED)
def test_calibrated_probabilities_rise_with_the_score_and_are_never_certain(
    scored: list[tuple[float, bool]],
) -> None:
    scores = np.array([score for score, _ in scored], np.float32)

    calibration = calibrate(scores, pairs_with([gold for _, gold in scored]))

    probabilities = calibration(np.sort(scores))
    assert (np.diff(probabilities) >= 0).all()
    assert probabilities.min() >= np.float32(0.001)
    assert probabilities.max() <= np.float32(0.995)


def noisy_pairs(seed: int) -> Pairs:
    """Pairs whose gold ones have a large first feature, mostly."""
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(2000, len(FEATURES))).astype(np.float32)
    is_gold = matrix[:, 0] + 0.3 * random.normal(size=2000) > 1
    return Pairs(matrix=matrix, is_gold=is_gold, notes=20, gold=int(is_gold.sum()))


def test_the_same_pairs_and_seed_give_the_same_ranker() -> None:
    first, second = (fit(noisy_pairs(1), noisy_pairs(2), 5, silent) for _ in range(2))

    assert first.save_raw("ubj") == second.save_raw("ubj")


def test_a_ranker_finds_the_feature_that_tells() -> None:
    ranker = fit(noisy_pairs(1), noisy_pairs(2), 5, silent)

    test = noisy_pairs(3)
    scores = ranker.inplace_predict(test.matrix)
    assert scores[test.is_gold].mean() > 3 * scores[~test.is_gold].mean()


def test_joined_pairs_count_as_their_parts_do() -> None:
    both = joined([pairs_with([True, False], gold=3), pairs_with([True])])

    assert (both.notes, both.gold) == (2, 4)
    np.testing.assert_array_equal(both.is_gold, [True, False, True])
