"""One code-agnostic XGBoost model over pairs, its calibration and the bars of its bands."""

import json
import math

import numpy as np
import xgboost
from sklearn.isotonic import IsotonicRegression
from typing_extensions import override

from clinical_coding.arrays import Probabilities
from clinical_coding.engine import Thresholds
from clinical_coding.features import FEATURES
from runtime.progress import Progress
from runtime.ranker import Calibration
from training.pairs import Pairs

MAX_ROUNDS = 500
PATIENCE = 40
ROUNDS = 300  # where notes are too few to hold some out for stopping
BAR_STEP = 1e-4
TILT = 0.01
LOWEST, HIGHEST = 0.001, 0.995  # probabilities: nothing is certain
PARAMETERS = {
    "objective": "binary:logistic",
    "eval_metric": "aucpr",
    "eta": 0.06,
    "max_depth": 6,
    "min_child_weight": 8,
    "subsample": 0.8,
    "colsample_bytree": 0.5,
    "lambda": 2.0,
    "tree_method": "hist",
    "nthread": 2,  # the sums of a histogram, and so the trees, depend on it
}


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


def fit_rounds(train: Pairs, seed: int) -> xgboost.Booster:
    """The ranker after ROUNDS rounds. The same pairs and seed give the same model."""
    booster = xgboost.train(PARAMETERS | {"seed": seed}, _matrix(train), num_boost_round=ROUNDS)
    booster.set_attr(features=json.dumps(FEATURES))
    return booster


def calibrate(raw: Probabilities, pairs: Pairs) -> Calibration:
    """Raw scores to probabilities by isotonic regression on held-out pairs (Zadrozny, Elkan 2002).

    Gold codes that are no candidates have no pair and do not count. A hundredth of the raw score is
    mixed in, so that the steps of the regression do not tie candidates that the ranker tells apart.
    """
    fitted = IsotonicRegression(out_of_bounds="clip", y_min=LOWEST, y_max=HIGHEST)
    fitted.fit(raw.astype(np.float64), pairs.is_gold)
    scores, first = np.unique(np.round(fitted.X_thresholds_, 6), return_index=True)
    line = LOWEST + (HIGHEST - LOWEST) * scores
    values = np.round((1 - TILT) * fitted.y_thresholds_[first] + TILT * line, 6)
    return Calibration(scores=tuple(scores.tolist()), probabilities=tuple(values.tolist()))


def thresholds(probabilities: Probabilities, pairs: Pairs, submit_precision: float) -> Thresholds:
    """The submit bar that holds a precision and the review bar with the best F1, on these pairs.

    Where no bar is precise enough, submit is 1: nothing is sent untouched.
    """
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order]
    hits = np.cumsum(pairs.is_gold[order])  # (pairs,), gold among the likeliest n
    counts = np.arange(1, len(order) + 1)
    last_of_score = np.append(ranked[1:] != ranked[:-1], True)  # a bar cannot part equal scores
    precise = np.flatnonzero(last_of_score & (hits / counts >= submit_precision))
    submit = float(ranked[precise[-1]]) if len(precise) else 1.0
    best = int(np.argmax(np.where(last_of_score, 2 * hits / (counts + pairs.gold), 0.0)))
    review = min(float(ranked[best]), submit)
    return Thresholds(submit=_just_below(submit), review=_just_below(review))


def f1_at(bar: float, probabilities: Probabilities, pairs: Pairs) -> float:
    """Micro-averaged F1 of the pairs from a bar up; gold codes that are no candidates count as missed."""
    predicted = probabilities >= bar
    hits = int((predicted & pairs.is_gold).sum())
    return 2 * hits / max(1, int(predicted.sum()) + pairs.gold)


def _just_below(bar: float) -> float:
    """Rounded down, so that the codes whose score made the bar reach it."""
    return round(math.floor(bar / BAR_STEP) * BAR_STEP, 4)


def _matrix(pairs: Pairs) -> xgboost.DMatrix:
    return xgboost.DMatrix(pairs.matrix, label=pairs.is_gold.astype(np.float32))
