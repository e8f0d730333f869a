"""The compiled code set on disk: a gzipped table whose first line says what release it is."""

import gzip
import json
from datetime import date
from pathlib import Path
from typing import TypedDict

from clinical_coding.code_set import CodeSet
from clinical_coding.errors import ModelBundleError
from clinical_coding.note import IcdCode

SHIPPED_CODE_SET = Path(__file__).parent / "bundles" / "default" / "code_set.tsv.gz"
LAYOUT = "codemychart-code-set-1"


class CodeSetHeader(TypedDict):
    """The first line, JSON: the release and where the table came from."""

    layout: str
    version: str
    valid_from: str  # ISO dates, both in force
    valid_until: str
    provenance: dict[str, str]  # source, its SHA-256, licence, command that made the table


def load_code_set(path: Path = SHIPPED_CODE_SET) -> CodeSet:
    """Read a table made by `python -m training.compile_code_set`.

    Raises ModelBundleError when the file is missing, damaged or of another layout.
    """
    try:
        first, _, table = gzip.decompress(path.read_bytes()).decode().partition("\n")
        header: CodeSetHeader = json.loads(first)
        if header["layout"] != LAYOUT:
            raise ValueError(header["layout"])  # noqa: TRY301 - one place says what to do
        return _parse(header, table)
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise ModelBundleError(
            f"expected a code set of layout {LAYOUT} at {path}; got {type(error).__name__}; "
            "make it with `python -m training.compile_code_set`"
        ) from None


def _parse(header: CodeSetHeader, table: str) -> CodeSet:
    codes, titles, chapters, flags = [], [], bytearray(), bytearray()
    for line in table.splitlines():
        code, flag, chapter, title = line.split("\t")
        codes.append(IcdCode(code))
        titles.append(title)
        chapters.append(int(chapter))
        flags.append(int(flag))
    return CodeSet(
        version=header["version"],
        valid_from=date.fromisoformat(header["valid_from"]),
        valid_until=date.fromisoformat(header["valid_until"]),
        codes=tuple(codes),
        titles=tuple(titles),
        chapters=bytes(chapters),
        billable_flags=bytes(flags),
    )


def save_code_set(code_set: CodeSet, provenance: dict[str, str], path: Path) -> None:
    """Write the table; the same code set and provenance give the same bytes."""
    header = CodeSetHeader(
        layout=LAYOUT,
        version=code_set.version,
        valid_from=code_set.valid_from.isoformat(),
        valid_until=code_set.valid_until.isoformat(),
        provenance=provenance,
    )
    columns = (code_set.codes, code_set.billable_flags, code_set.chapters, code_set.titles)
    rows = ("\t".join(map(str, row)) for row in zip(*columns, strict=True))
    text = "\n".join((json.dumps(header), *rows))
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
