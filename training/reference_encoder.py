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
        hidden, mask = self._last_layer(texts)
        weight = mask.unsqueeze(-1).float()  # (texts, tokens, 1)
        mean = (hidden * weight).sum(1) / weight.sum(1)
        unit = torch.nn.functional.normalize(mean, dim=1)
        return np.asarray(unit.numpy(), np.float32)

    def encode_first_token(self, texts: Sequence[str]) -> Vectors:
        """The last layer at each text's first token, [CLS], as it is; one padded batch."""
        hidden, _ = self._last_layer(texts)
        return np.asarray(hidden[:, 0].numpy(), np.float32)  # (texts, dims)

    def _last_layer(self, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """Hidden states (texts, tokens, dims) and which tokens are of the text (texts, tokens)."""
        inputs = self._tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=self._max_tokens,
            return_tensors="pt",
        )
        with torch.inference_mode():
            return self._model(**inputs).last_hidden_state, inputs["attention_mask"]
