"""What was learnt comes back from disk as it went there."""

from pathlib import Path

import numpy as np
import pytest

from clinical_coding.errors import ModelBundleError
from clinical_coding.learnt import Learnt, Tried
from clinical_coding.note import IcdCode
from clinical_coding.projection import Projection
from runtime.learnt_files import load_learnt, save_learnt

LEARNT = Learnt(
    codes=(IcdCode("I96"), IcdCode("L90.5")),
    code_notes=np.array([3, 2], np.int32),
    grams={"black toe": 0, "necrotic": 1},
    gram_notes=np.array([2, 3], np.int32),
    starts=np.array([0, 1, 3]),
    link_codes=np.array([0, 0, 1]),
    link_strengths=np.array([0.5, 0.25, 0.125], np.float32),
    link_shares=np.array([0.5, 0.5, 0.5], np.float32),
    phrases={"gangrene": Tried(4, 3)},
    namings={("gangrene", IcdCode("I96")): Tried(4, 2)},
    clause_vectors=np.array([[1, 0], [0, 1]], np.float32),
    clause_starts=np.array([0, 2, 3]),
    clause_codes=np.array([0, 1, 0]),
)
PROJECTION = Projection(clauses=np.eye(2, dtype=np.float32), titles=np.eye(2, dtype=np.float32))


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    save_learnt(LEARNT, PROJECTION, "A et al., 2020", tmp_path / "learnt.npz")

    learnt, projection = load_learnt(tmp_path / "learnt.npz")

    assert (learnt.codes, learnt.grams) == (LEARNT.codes, LEARNT.grams)
    assert (learnt.phrases, learnt.namings) == (LEARNT.phrases, LEARNT.namings)
    for name in ("code_notes", "gram_notes", "starts", "link_codes", "link_strengths",
                 "link_shares", "clause_vectors", "clause_starts", "clause_codes"):  # fmt: skip
        np.testing.assert_array_equal(getattr(learnt, name), getattr(LEARNT, name))
    np.testing.assert_array_equal(projection.clauses, PROJECTION.clauses)


def test_the_same_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.npz", "two.npz"):
        save_learnt(LEARNT, PROJECTION, "", tmp_path / name)

    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


@pytest.mark.parametrize("content", [None, b"", b"PK nothing"])
def test_a_missing_or_damaged_file_is_refused_with_what_to_do(
    content: bytes | None, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "learnt.npz").write_bytes(content)

    with pytest.raises(ModelBundleError, match="take the bundle whole"):
        load_learnt(tmp_path / "learnt.npz")
