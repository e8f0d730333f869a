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


def test_a_whole_notes_vector_is_its_first_tokens_and_depends_on_that_note_alone() -> None:
    """The baseline's vector: [CLS] of the last layer, not scaled."""
    from training.reference_encoder import ReferenceEncoder  # noqa: PLC0415 - torch is slow

    reference = ReferenceEncoder(model_folder(), MAX_TOKENS)
    together = reference.encode_first_token(["chest pain", "essential hypertension " * 20])

    assert together.shape == (2, 384)
    alone = reference.encode_first_token(["chest pain"])
    np.testing.assert_allclose(together[:1], alone, atol=1e-4)
    assert not np.allclose(
        together, reference.encode(["chest pain", "essential hypertension " * 20])
    )
