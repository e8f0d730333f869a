"""The served encoder against torch and transformers running the same weights."""

import json
from pathlib import Path

import numpy as np

from runtime.encoder import MAX_TOKENS, MiniLmEncoder, model_folder

GOLDEN = Path(__file__).parents[1] / "golden" / "short_notes.json"


def test_served_vectors_are_the_reference_s() -> None:
    """Cosine .999 at least, on whole golden notes and on their lines, short and cut alike."""
    from training.reference_encoder import ReferenceEncoder  # noqa: PLC0415 - torch is slow

    notes = [note["text"] for note in json.loads(GOLDEN.read_text())]
    texts = [*notes, *(line for note in notes for line in note.splitlines()), " ".join(notes)]

    served = MiniLmEncoder(model_folder()).encode(texts)
    reference = ReferenceEncoder(model_folder(), MAX_TOKENS).encode(texts)

    assert (served * reference).sum(axis=1).min() > 0.999
    np.testing.assert_allclose(served, reference, atol=1e-5)
