"""The search for words that should stand nowhere finds them where they do."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.leaks import files_with


def _plain(path: Path) -> None:
    path.write_bytes(b"\xff\xfe a QuorVexilant")


def _java(path: Path) -> None:
    path.write_bytes("quorvexilant".encode("utf-16-be"))


def _packed(path: Path) -> None:
    path.write_bytes(gzip.compress(b"quorvexilant"))


def _parquet(path: Path) -> None:
    many = ["quorvexilant" if n % 2 else "another" for n in range(999)]
    pq.write_table(pa.table({"rules": [[word] for word in many]}), path, compression="zstd")


@pytest.mark.parametrize("write", [_plain, _java, _packed, _parquet])
def test_a_word_is_found_in_a_file_of_any_kind(
    write: Callable[[Path], None], tmp_path: Path
) -> None:
    (tmp_path / "a").mkdir()
    write(tmp_path / "a" / "file")
    (tmp_path / "other").write_text("nothing")

    assert files_with(["quorvexilant"], tmp_path) == [str(tmp_path / "a" / "file")]
    assert files_with(["quorvexilant"], tmp_path, ["/a/"]) == []
