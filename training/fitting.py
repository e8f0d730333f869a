"""One code-agnostic XGBoost model over pairs, its calibration and the bars of its bands."""

import json

import numpy as np
import xgboost
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from typing_extensions import override

from clinical_coding.engine import Thresholds
from clinical_coding.features import FEATURES
from runtime.progress import Progress
from runtime.ranker import Calibration
from training.pairs import Pairs

MAX_ROUNDS = 400
PATIENCE = 30
SUBMIT_PRECISION = 0.98  # on synthetic notes; real ones are harder, 0.95 is what is wanted there
PARAMETERS = {
    "objective": "binary:logistic",
    "eval_metric": "aucpr",
    "eta": 0.1,
    "max_depth": 5,
    "min_child_weight": 5,
    "subsample": 0.8,
    "colsample_bytree": 0.6,
    "lambda": 2.0,
    "tree_method": "hist",
    "nthread": 2,  # the sums of a histogram, and so the trees, depend on it
}
Raw = NDArray[np.float32]


class _Told(xgboost.callback.TrainingCallback):
    """Tells a Progress about each round."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    @override
    def after_iteration(self, model: object, epoch: int, evals_log: object) -> bool:
        """Called after each round; True would stop."""
        self._progress("fitting the ranker", epoch + 1, MAX_ROUNDS)
        return False


def fit(train: Pairs, held_out: Pairs, seed: int, progress: Progress) -> xgboost.Booster:
    """The ranker, stopped when it no longer gets better on notes it is not fitted on.

    The same pairs and seed give the same model.
    """
    early = xgboost.callback.EarlyStopping(rounds=PATIENCE, save_best=True)
    booster = xgboost.train(
        PARAMETERS | {"seed": seed},
        _matrix(train),
        num_boost_round=MAX_ROUNDS,
        evals=[(_matrix(held_out), "held_out")],
        callbacks=[early, _Told(progress)],
        verbose_eval=False,
    )
    booster.set_attr(features=json.dumps(FEATURES))
    return booster


def calibrate(raw: Raw, pairs: Pairs) -> Calibration:
    """Raw scores to probabilities by isotonic regression on held-out pairs (Zadrozny, Elkan 2002).

    Steps become lines, so that no two candidates of different score are made equal; gold codes that
    are no candidates have no pair and do not count.
    """
    fitted = IsotonicRegression(out_of_bounds="clip", y_min=0.0, y_max=1.0)
    fitted.fit(raw.astype(np.float64), pairs.is_gold)
    scores, first = np.unique(np.round(fitted.X_thresholds_, 6), return_index=True)
    values = np.clip(fitted.y_thresholds_[first], 0.001, 0.995)
    return Calibration(
        scores=tuple(scores.tolist()), probabilities=tuple(np.round(values, 6).tolist())
    )


def thresholds(probabilities: Raw, pairs: Pairs) -> Thresholds:
    """The submit bar that holds SUBMIT_PRECISION, the review bar with the best F1, on held-out pairs."""
    order = np.argsort(-probabilities, kind="stable")
    hits = np.cumsum(pairs.is_gold[order])  # (pairs,), gold among the likeliest n
    counts = np.arange(1, len(order) + 1)
    ranked = probabilities[order]
    precise = np.flatnonzero(hits / counts >= SUBMIT_PRECISION)
    submit = float(ranked[precise[-1]]) if len(precise) else 1.0
    best = int(np.argmax(2 * hits / (counts + pairs.gold)))
    review = min(float(ranked[best]), submit)
    return Thresholds(submit=round(submit, 4), review=round(review, 4))


def _matrix(pairs: Pairs) -> xgboost.DMatrix:
    return xgboost.DMatrix(pairs.matrix, label=pairs.is_gold.astype(np.float32))
