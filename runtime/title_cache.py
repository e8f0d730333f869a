"""The vectors of the code titles, computed once a machine and kept in the user's cache folder."""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from clinical_coding.arrays import Vectors
from clinical_coding.errors import StorageError
from runtime.file_lock import held
from runtime.progress import Progress

ENCODING = "encoding the code titles, once a machine"
WAITING = "waiting for another process that encodes the code titles"
Compute = Callable[[Sequence[str], Progress], Vectors]


def title_vectors_of(
    texts: Sequence[str], encoder_name: str, compute: Compute, cache_dir: Path, progress: Progress
) -> Vectors:
    """One row for each text, memory-mapped, so that all workers of a machine share it.

    They are the same bits whether this call computed them or an earlier one. Of several processes
    one computes while the others wait. A damaged file is made anew. Raises StorageError when the
    cache folder cannot be written.
    """
    key = hashlib.sha256("\n".join((encoder_name, *texts)).encode()).hexdigest()
    kept = cache_dir / "title-vectors" / f"{key[:32]}.npy"
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        found = _read(kept, len(texts))
        if found is not None:
            return found
        with held(kept.with_suffix(".lock"), lambda: progress(WAITING, 0, 0)):
            found = _read(kept, len(texts))
            return _make(kept, texts, compute, progress) if found is None else found
    except OSError as error:
        raise StorageError(
            f"expected a cache folder that can be written at {cache_dir}; got "
            f"{type(error).__name__} ({os.strerror(error.errno or 0)}); free space or set "
            "CMC_CACHE_DIR"
        ) from None


def _read(path: Path, rows: int) -> Vectors | None:
    try:
        found: Vectors = np.load(path, mmap_mode="r", allow_pickle=False)
    except (FileNotFoundError, ValueError, EOFError):
        return None
    return found if len(found) == rows else None


def _make(path: Path, texts: Sequence[str], compute: Compute, progress: Progress) -> Vectors:
    made = path.with_suffix(".new")
    computed = compute(texts, lambda _, done, total: progress(ENCODING, done, total))
    with made.open("wb") as opened:
        np.save(opened, computed, allow_pickle=False)
    made.replace(path)  # whole or not at all, also after a kill
    vectors: Vectors = np.load(path, mmap_mode="r", allow_pickle=False)
    return vectors
