"""Named arrays in one .npz file whose bytes depend on the arrays alone."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def write_arrays(arrays: Mapping[str, NDArray[np.generic]], path: Path) -> None:
    """Write them, compressed; the same arrays give the same bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy")  # dated 1980, so that the bytes repeat
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w") as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def read_arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    """Read them all; raises OSError, EOFError, ValueError or BadZipFile for another kind of file."""
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def text_array(text: str) -> NDArray[np.uint8]:
    """A text as an array; ``text_of`` gives it back."""
    return np.frombuffer(text.encode(), dtype=np.uint8)


def text_of(array: NDArray[np.generic]) -> str:
    """The text of ``text_array``."""
    return array.tobytes().decode()
