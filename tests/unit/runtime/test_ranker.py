"""Laws of the ranker as the engine calls it."""

from pathlib import Path

import numpy as np
import pytest
import xgboost
from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.arrays import Features
from clinical_coding.errors import ModelBundleError
from runtime.ranker import CalibratedRanker, Calibration, importance, load_booster

NAMES = ("words", "cosine", "age")
IDENTITY = Calibration(scores=(0.0, 1.0), probabilities=(0.0, 1.0))


def some_rows(count: int, seed: int = 3) -> Features:
    rows = np.random.default_rng(seed).normal(size=(count, len(NAMES))).astype(np.float32)
    rows[::3, 2] = np.nan  # not known
    return rows


@pytest.fixture(scope="module")
def booster() -> xgboost.Booster:
    rows = some_rows(400)
    labels = (rows[:, 0] + rows[:, 1] > 0.3).astype(np.float32)
    fitted = xgboost.train(
        {"objective": "binary:logistic", "max_depth": 4}, xgboost.DMatrix(rows, labels), 30
    )
    fitted.set_attr(features='["words", "cosine", "age"]')
    return fitted


def test_a_row_s_score_does_not_depend_on_the_rows_beside_it(booster: xgboost.Booster) -> None:
    """Bit for bit, in any order: a claim must not depend on its micro-batch."""
    ranker = CalibratedRanker(booster=booster, calibration=IDENTITY)
    rows = some_rows(257, seed=5)

    together = ranker.score(rows)

    np.testing.assert_array_equal(np.concatenate([ranker.score(r[None]) for r in rows]), together)
    np.testing.assert_array_equal(ranker.score(rows[::-1].copy()), together[::-1])


def test_no_rows_have_no_scores(booster: xgboost.Booster) -> None:
    ranker = CalibratedRanker(booster=booster, calibration=IDENTITY)

    assert ranker.score(np.empty((0, len(NAMES)), np.float32)).shape == (0,)


@given(st.lists(st.floats(0, 1, width=32), min_size=2, max_size=20))
def test_calibration_never_turns_the_order_round(raw: list[float]) -> None:
    calibration = Calibration(scores=(0.0, 0.2, 0.7), probabilities=(0.01, 0.4, 0.95))

    calibrated = calibration(np.sort(np.array(raw, np.float32)))

    assert (np.diff(calibrated) >= 0).all()
    assert ((calibrated >= np.float32(0.01)) & (calibrated <= np.float32(0.95))).all()


def test_a_saved_ranker_scores_as_before(booster: xgboost.Booster, tmp_path: Path) -> None:
    booster.save_model(tmp_path / "ranker.ubj")

    loaded = load_booster(tmp_path / "ranker.ubj", NAMES, threads=1)

    rows = some_rows(50)
    np.testing.assert_array_equal(loaded.inplace_predict(rows), booster.inplace_predict(rows))


def test_a_ranker_of_other_features_is_refused(booster: xgboost.Booster, tmp_path: Path) -> None:
    booster.save_model(tmp_path / "ranker.ubj")

    with pytest.raises(ModelBundleError, match="train it again"):
        load_booster(tmp_path / "ranker.ubj", ("cosine", "words", "age"), threads=1)


@pytest.mark.parametrize("damage", [b"", b"no model"])
def test_a_damaged_ranker_is_refused(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "ranker.ubj").write_bytes(damage)

    with pytest.raises(ModelBundleError, match="expected an XGBoost model"):
        load_booster(tmp_path / "ranker.ubj", NAMES, threads=1)


def test_what_the_features_contribute_sums_to_the_log_odds_of_the_score(
    booster: xgboost.Booster,
) -> None:
    ranker = CalibratedRanker(booster=booster, calibration=IDENTITY)
    rows = some_rows(50, seed=7)

    told = ranker.contributions(rows)

    assert told.shape == (50, len(NAMES) + 1)
    np.testing.assert_allclose(1 / (1 + np.exp(-told.sum(axis=1))), ranker.score(rows), atol=1e-5)


def test_what_each_feature_gains_is_told_by_name_most_first_and_adds_up(
    booster: xgboost.Booster,
) -> None:
    """The label is made of words and cosine alone."""
    shares = importance(booster, NAMES)

    assert sum(shares.values()) == pytest.approx(1.0)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert {*list(shares)[:2]} == {"words", "cosine"}
