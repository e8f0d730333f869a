"""Laws of the sentence encoder, on the real weights (half a second to load, no network)."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

from clinical_coding.errors import ModelBundleError
from runtime import encoder
from runtime.encoder import MiniLmEncoder, model_folder

CLAUSES = [
    "chest pain",
    "shortness of breath for 2 days",
    "",
    "denies fever",
    "type 2 diabetes mellitus with diabetic chronic kidney disease, stage 3b, on insulin",
    "Schmerzen in der Brust 🫀",
    "x" * 3000,
    "acute on chronic systolic heart failure " * 40,
    *(f"displaced fracture of the {n}th rib on the left, initial encounter" for n in range(40)),
]


@pytest.fixture(scope="module")
def served() -> MiniLmEncoder:
    return MiniLmEncoder(model_folder())


def test_every_text_gets_one_row_of_length_one(served: MiniLmEncoder) -> None:
    vectors = served.encode(CLAUSES)

    assert vectors.shape == (len(CLAUSES), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_no_texts_give_no_rows(served: MiniLmEncoder) -> None:
    assert served.encode([]).shape == (0, 384)


def test_a_vector_does_not_depend_on_the_texts_beside_it(served: MiniLmEncoder) -> None:
    """Bit for bit: else a claim would depend on which notes shared its micro-batch."""
    together = served.encode_once(CLAUSES)
    order = random.Random(7).sample(range(len(CLAUSES)), len(CLAUSES))  # noqa: S311 - a shuffle

    alone = np.vstack([served.encode_once([text]) for text in CLAUSES])
    shuffled = served.encode_once([CLAUSES[at] for at in order])

    np.testing.assert_array_equal(alone, together)
    np.testing.assert_array_equal(shuffled, together[order])


def test_a_vector_does_not_depend_on_the_number_of_threads(served: MiniLmEncoder) -> None:
    one = MiniLmEncoder(model_folder(), threads=1)

    np.testing.assert_array_equal(one.encode(CLAUSES), served.encode(CLAUSES))


def test_a_text_met_again_has_the_same_vector(served: MiniLmEncoder) -> None:
    first = served.encode(["chest pain", "cough", "chest pain"])
    second = served.encode(["cough", "chest pain"])

    np.testing.assert_array_equal(first[0], first[2])
    np.testing.assert_array_equal(second, first[[1, 0]])


def test_memory_for_recent_texts_is_bounded(
    served: MiniLmEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "CACHED_TEXTS", 3)

    served.encode(CLAUSES)

    assert len(served._recent) == 3  # noqa: SLF001 - the bound is the law


def test_the_nearest_title_of_a_lay_phrase_is_its_medical_name(served: MiniLmEncoder) -> None:
    titles = ["Dyspnea", "Chest pain, unspecified", "Hypothyroidism, unspecified", "Low back pain"]

    nearest = served.encode(["trouble breathing", "lumbar pain"]) @ served.encode(titles).T

    assert [titles[at] for at in nearest.argmax(axis=1)] == ["Dyspnea", "Low back pain"]


def test_half_a_surrogate_pair_is_read_as_a_question_mark(served: MiniLmEncoder) -> None:
    np.testing.assert_array_equal(served.encode(["pain \ud83d"]), served.encode(["pain ?"]))


def test_a_folder_without_the_model_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelBundleError, match=r"got FileNotFoundError; install codemychart"):
        MiniLmEncoder(tmp_path)


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((model_folder() / name).read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"\x08" * 64)

    with pytest.raises(ModelBundleError, match="expected the encoder's files"):
        MiniLmEncoder(tmp_path)


def test_the_encoder_s_name_changes_with_its_precision() -> None:
    """A claim's encoder name stands for the bits of its vectors."""
    assert encoder.versioned_name("53aa51172d", "f32") == "all-MiniLM-L6-v2-53aa5117"
    assert encoder.versioned_name("53aa51172d", "bf16") == "all-MiniLM-L6-v2-53aa5117-bf16"


def test_the_package_is_found_without_importing_it() -> None:
    """Importing it would import sentence-transformers, which is not installed."""
    assert json.loads((model_folder() / "config.json").read_text())["model_type"] == "bert"
