"""Laws of the kept title vectors, with an encoder that only counts its calls."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from clinical_coding.arrays import Vectors
from clinical_coding.errors import StorageError
from runtime.progress import Progress, silent
from runtime.title_cache import title_vectors_of

TITLES = ("Cough", "Chest pain", "Fever")


class CountingEncoder:
    """A row of random length-one numbers for each text; remembers how often it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, texts: Sequence[str], progress: Progress) -> Vectors:
        """Other numbers at each call."""
        self.calls += 1
        progress("encoding texts", len(texts), len(texts))
        rows = np.random.default_rng(self.calls).normal(size=(len(texts), 4)).astype(np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_vectors_are_computed_once_and_come_back_bit_for_bit(tmp_path: Path) -> None:
    encoder = CountingEncoder()

    first = title_vectors_of(TITLES, "encoder-1", encoder, tmp_path, silent)
    again = title_vectors_of(TITLES, "encoder-1", encoder, tmp_path, silent)

    assert encoder.calls == 1
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize(("texts", "name"), [(TITLES[:2], "encoder-1"), (TITLES, "encoder-2")])
def test_another_code_set_or_encoder_has_vectors_of_its_own(
    tmp_path: Path, texts: tuple[str, ...], name: str
) -> None:
    encoder = CountingEncoder()
    title_vectors_of(TITLES, "encoder-1", encoder, tmp_path, silent)

    other = title_vectors_of(texts, name, encoder, tmp_path, silent)

    assert (encoder.calls, len(other)) == (2, len(texts))


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"not an array at all"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    encoder = CountingEncoder()
    title_vectors_of(TITLES, "encoder-1", encoder, tmp_path, silent)
    (kept,) = tmp_path.rglob("*.npy")
    kept.write_bytes(damage)

    assert len(title_vectors_of(TITLES, "encoder-1", encoder, tmp_path, silent)) == len(TITLES)
    assert encoder.calls == 2


def test_what_a_killed_process_left_half_written_is_never_read(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    title_vectors_of(TITLES, "encoder-1", encoder, tmp_path, silent)
    (kept,) = tmp_path.rglob("*.npy")
    kept.rename(kept.with_suffix(".new"))  # killed before the file got its name

    title_vectors_of(TITLES, "encoder-1", encoder, tmp_path, silent)

    assert encoder.calls == 2


def test_a_cache_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StorageError, match="free space or set CMC_CACHE_DIR"):
        title_vectors_of(TITLES, "encoder-1", CountingEncoder(), tmp_path / "file", silent)


HOLDER = """
import fcntl, sys
with open(sys.argv[1], "a") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_waits_and_says_so(tmp_path: Path) -> None:
    """The message comes while the lock is held; the holder's end lets the waiting one go on."""
    encoder = CountingEncoder()
    title_vectors_of(TITLES, "encoder-1", encoder, tmp_path, silent)
    (kept,) = tmp_path.rglob("*.npy")
    kept.unlink()
    heard: list[str] = []
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(kept.with_suffix(".lock"))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout is not None
    holder.stdout.readline()

    def hear(what: str, done: int, total: int) -> None:
        assert (done, total) >= (0, 0)
        heard.append(what)
        if what.startswith("waiting"):
            holder.communicate()

    title_vectors_of(TITLES, "encoder-1", encoder, tmp_path, hear)

    assert heard == [
        "waiting for another process that encodes the code titles",
        "encoding the code titles, once a machine",
    ]
