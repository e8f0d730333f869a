"""The XGBoost ranker and its calibration, as the engine asks for them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import xgboost

from clinical_coding.arrays import Contributions, Features, Probabilities
from clinical_coding.errors import ModelBundleError


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A rising line through points (raw score, probability), flat beyond its ends."""

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __call__(self, raw: Probabilities) -> Probabilities:
        """The probability of each raw score."""
        return np.interp(raw, self.scores, self.probabilities).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibratedRanker:
    """Meets the engine's Ranker: each row is scored by itself, whatever stands beside it."""

    booster: xgboost.Booster = field(repr=False)
    calibration: Calibration = field(repr=False)

    def score(self, features: Features) -> Probabilities:
        """One calibrated probability for each row; no rows give an empty array."""
        if not len(features):
            return np.empty(0, np.float32)
        return self.calibration(self.booster.inplace_predict(features))

    def contributions(self, features: Features) -> Contributions:
        """What each feature adds to each row's log odds, at last what all rows share."""
        told: Contributions = self.booster.predict(xgboost.DMatrix(features), pred_contribs=True)
        return told


def load_booster(path: Path, features: Sequence[str], threads: int) -> xgboost.Booster:
    """A fitted model that was saved to ``path``.

    Raises ModelBundleError when the file is damaged or was fitted on other features.
    """
    booster = xgboost.Booster({"nthread": threads or 1})
    try:
        booster.load_model(path)
    except (xgboost.core.XGBoostError, ValueError) as error:
        raise ModelBundleError(
            f"expected an XGBoost model in {path}; got {type(error).__name__}; train it again"
        ) from None
    fitted = json.loads(booster.attr("features") or "[]")
    if tuple(fitted) != tuple(features):
        raise ModelBundleError(
            f"expected a ranker of {len(features)} features of this version; got one of "
            f"{len(fitted)}; train it again with `codemychart train`"
        )
    return booster


def importance(booster: xgboost.Booster, features: Sequence[str]) -> dict[str, float]:
    """The share that each feature has in what all splits of the trees gained, most first."""
    gains = booster.get_score(importance_type="total_gain")
    named = {
        features[int(name.removeprefix("f"))]: float(np.sum(gain)) for name, gain in gains.items()
    }
    total = sum(named.values())
    return {name: named[name] / total for name in sorted(named, key=lambda name: -named[name])}
