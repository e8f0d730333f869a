"""Names for the arrays that cross a seam, each with its shape and range."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]  # (texts, dims), each row of length 1
Features = NDArray[np.float32]  # (pairs, len(features.FEATURES)); NaN where nothing is known
Probabilities = NDArray[np.float32]  # (pairs,), calibrated, 0..1
Contributions = NDArray[np.float32]  # (pairs, len(features.FEATURES) + 1), log odds; last the base


def starts_of(lengths: Sequence[int] | NDArray[np.generic]) -> NDArray[np.int64]:
    """Where each of several runs that lie one behind another begins, and where the last ends."""
    return np.concatenate(([0], np.cumsum(np.asarray(lengths, np.int64))))
