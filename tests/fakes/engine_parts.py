"""An encoder and a ranker that need no model, for tests of the engine around them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np

from clinical_coding.arrays import Contributions, Features, Probabilities, Vectors
from clinical_coding.features import FEATURES
from clinical_coding.words import content_words

DIMS = 64
_HELD = ("present", "possible", "historical")


@dataclass(slots=True)
class HashingEncoder:
    """Meets SentenceEncoder: texts with the same words are alike; keeps what it was asked."""

    asked: list[str] = field(default_factory=list)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """A text's row counts its words by a hash, so it depends on that text alone."""
        self.asked += texts
        rows = np.full((len(texts), DIMS), 1e-3, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in content_words(text):
                row[crc32(word.encode("utf-8", "surrogatepass")) % DIMS] += 1
        vectors: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return vectors


class NamedRanker:
    """Meets Ranker: what a phrase names and nobody denies is likely, the rest is not."""

    def score(self, features: Features) -> Probabilities:
        """0.9 where a phrase names the code as the patient's, a little more for a longer phrase."""
        held = features[:, [FEATURES.index(f"mentions_{how}") for how in _HELD]].sum(axis=1) > 0
        words = np.nan_to_num(features[:, FEATURES.index("best_words")])
        return np.where(held, 0.9 + 0.01 * np.minimum(words, 9), 0.01).astype(np.float32)

    def contributions(self, features: Features) -> Contributions:
        """All of it from ``best_words``: its column has the whole log odds, the base is zero."""
        told = np.zeros((len(features), len(FEATURES) + 1), np.float32)
        score = self.score(features)
        told[:, FEATURES.index("best_words")] = np.log(score / (1 - score))
        return told
