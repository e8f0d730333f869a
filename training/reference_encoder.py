"""The encoder as its authors run it, on torch and transformers: the oracle for the one that serves."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

from clinical_coding.arrays import Vectors


class ReferenceEncoder:
    """Meets the engine's SentenceEncoder, slowly."""

    def __init__(self, folder: Path, max_tokens: int) -> None:
        """Load model and tokenizer from a folder in Hugging Face's layout; no network."""
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._model = AutoModel.from_pretrained(folder, local_files_only=True).eval()
        self._max_tokens = max_tokens

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Mean of the last layer over a text's tokens, scaled to length 1; one padded batch."""
        inputs = self._tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=self._max_tokens,
            return_tensors="pt",
        )
        with torch.inference_mode():
            hidden = self._model(**inputs).last_hidden_state  # (texts, tokens, dims)
        weight = inputs["attention_mask"].unsqueeze(-1).float()  # (texts, tokens, 1)
        mean = (hidden * weight).sum(1) / weight.sum(1)
        unit = torch.nn.functional.normalize(mean, dim=1)
        return np.asarray(unit.numpy(), np.float32)
