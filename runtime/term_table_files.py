"""The compiled term table on disk: flat arrays in one .npz file."""

import json
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinical_coding.arrays import starts_of
from clinical_coding.errors import ModelBundleError
from clinical_coding.note import IcdCode
from clinical_coding.term_table import TermTable, phrase_sums
from runtime.array_files import read_arrays, text_array, text_of, write_arrays

SHIPPED_TERMS = Path(__file__).parent / "bundles" / "default" / "terms.npz"
LAYOUT = "codemychart-terms-1"


def load_term_table(code_set_version: str, path: Path = SHIPPED_TERMS) -> TermTable:
    """Read a table made by `python -m training.compile_terms` for this release of the code set.

    Raises ModelBundleError when the file is missing, damaged or made for another release.
    """
    try:
        table = read_arrays(path)
        header = json.loads(text_of(table["header"]))
        found = f"layout {header['layout']} for {header['code_set']}"
        if (header["layout"], header["code_set"]) == (LAYOUT, code_set_version):
            return _table(header["version"], table)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        found = type(error).__name__
    raise ModelBundleError(
        f"expected terms of layout {LAYOUT} for code set {code_set_version} at {path}; "
        f"got {found}; make them with `python -m training.compile_terms`"
    )


def save_term_table(
    table: TermTable, code_set_version: str, provenance: dict[str, str], path: Path
) -> None:
    """Write the table; the same table and provenance give the same bytes."""
    header = {
        "layout": LAYOUT,
        "version": table.version,
        "code_set": code_set_version,
        "provenance": provenance,
    }
    arrays: dict[str, NDArray[np.generic]] = {
        "header": text_array(json.dumps(header)),
        "words": text_array("\n".join(table.word_numbers)),
        "word_weights": table.word_weights.astype(np.float16),
        "codes": text_array("\n".join(table.codes)),
        "phrase_lengths": np.diff(table.phrase_starts).astype(np.uint8),
        "phrase_words": table.phrase_words.astype(np.uint32),
        "term_counts": np.diff(table.term_starts).astype(np.uint8),
        "term_codes": table.term_codes.astype(np.uint32),
        "term_kinds": table.term_kinds.astype(np.uint8),
    }
    write_arrays(arrays, path)


def _table(version: str, arrays: dict[str, NDArray[np.generic]]) -> TermTable:
    words = text_of(arrays["words"]).split("\n")
    phrase_words = arrays["phrase_words"].astype(np.int64)
    phrase_starts = starts_of(arrays["phrase_lengths"])
    return TermTable(
        version=version,
        word_numbers={word: number for number, word in enumerate(words, start=1)},
        word_weights=arrays["word_weights"].astype(np.float32),
        codes=tuple(map(IcdCode, text_of(arrays["codes"]).split("\n"))),
        sums=phrase_sums(phrase_words, phrase_starts),
        phrase_starts=phrase_starts,
        phrase_words=phrase_words,
        term_starts=starts_of(arrays["term_counts"]),
        term_codes=arrays["term_codes"].astype(np.int64),
        term_kinds=arrays["term_kinds"].astype(np.int64),
    )
