"""The baseline of the whole engine: the classic way to code notes with BERT and XGBoost.

BERT-base on torch in float32, batches of 16 in the order given, padded to the longest; its [CLS] vector
and seven hand-made counts go to one XGBoost model for each of 99 codes, a note at a time. All weights
are random: the shapes decide the time, not the answers.
"""

import re
from collections.abc import Sequence

import numpy as np
import torch
import xgboost
from transformers import AutoTokenizer, BertConfig, BertModel

from clinical_coding.arrays import Vectors
from clinical_coding.note import Note, Sex
from runtime.encoder import model_folder

BATCH, MAX_TOKENS = 16, 512
FEATURES = 7  # age, length, sex, four counts
CODES, TREES, DEPTH = 99, 100, 6  # trees and depth are XGBoost's defaults
FITTED_ON = 256  # rows of random numbers
_COUNTED = tuple(
    re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for words in (
        "pain|fever|cough|nausea|fatigue|dizziness|swelling",
        "chest|head|knee|back|abdomen|lung|heart|leg|arm",
        "mild|moderate|severe|acute|chronic",
        "diagnosis|history|exam|treatment|medication|therapy",
    )
)


class ClassicCoder:
    """Codes notes as such systems do; made once."""

    def __init__(self) -> None:
        """Draw the encoder's weights and fit the boosters to noise: half a minute."""
        self._tokenizer = AutoTokenizer.from_pretrained(model_folder())  # BERT's own word pieces
        config = BertConfig()
        self._bert = BertModel(config).eval()  # type: ignore[no-untyped-call]
        width = config.hidden_size + FEATURES
        self._boosters = [_booster(seed, width) for seed in range(CODES)]

    def code(self, notes: Sequence[Note]) -> None:
        """The probabilities of all codes for each note."""
        for first in range(0, len(notes), BATCH):
            batch = notes[first : first + BATCH]
            for note, vector in zip(batch, self._vectors(batch), strict=True):
                row = np.concatenate((vector, _features(note)), dtype=np.float32)[None]
                for booster in self._boosters:
                    booster.inplace_predict(row)

    def _vectors(self, notes: Sequence[Note]) -> Vectors:
        inputs = self._tokenizer(
            [note.text for note in notes],
            padding=True,
            truncation=True,
            max_length=MAX_TOKENS,
            return_tensors="pt",
        )
        with torch.inference_mode():
            states = self._bert(**inputs).last_hidden_state  # (notes, tokens, dims)
        vectors: Vectors = states[:, 0].numpy()
        return vectors


def _features(note: Note) -> list[float]:
    counts = [len(words.findall(note.text)) for words in _COUNTED]
    return [note.age_years or 0, len(note.text), note.sex is Sex.FEMALE, *counts]


def _booster(seed: int, width: int) -> xgboost.Booster:
    random = np.random.default_rng(seed)
    rows = random.standard_normal((FITTED_ON, width), dtype=np.float32)
    labels = random.integers(0, 2, FITTED_ON)
    options = {"objective": "binary:logistic", "max_depth": DEPTH, "nthread": 1, "seed": seed}
    return xgboost.train(options, xgboost.DMatrix(rows, labels), num_boost_round=TREES)
