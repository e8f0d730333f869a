"""Where words stand that should stand nowhere: in files of every kind, packed or not."""

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq

PARQUET, GZIP = b"PAR1", b"\x1f\x8b"
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")  # Java dumps its strings in either


def files_with(words: Sequence[str], folder: Path, passed_over: Sequence[str] = ()) -> list[str]:
    """The files in or below the folder that hold one of the words, in upper or lower case.

    A path that contains one of ``passed_over`` is not opened.
    """
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    wanted = [path for path in found if not any(part in str(path) for part in passed_over)]
    return [str(path) for path in wanted if any(has(words, text) for text in _texts(path))]


def has(words: Sequence[str], content: bytes) -> bool:
    """Whether one of the words is in there."""
    lower = content.lower()
    return any(word.lower().encode(code) in lower for word in words for code in ENCODINGS)


def _texts(path: Path) -> Iterator[bytes]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:  # a temporary file that is gone again
        return
    yield str(path).encode() + content
    if content.startswith(PARQUET):
        yield repr(pq.read_table(path).to_pylist()).encode()
    if content.startswith(GZIP):
        yield gzip.decompress(content)
