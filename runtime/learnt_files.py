"""What labelled notes taught, on disk: flat arrays in one .npz file, counts and no text of a note.

A gram is one to four words in normal spelling that at least two notes hold.
"""

import json
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinical_coding.arrays import starts_of
from clinical_coding.errors import ModelBundleError
from clinical_coding.learnt import Learnt, Tried
from clinical_coding.note import IcdCode
from clinical_coding.projection import Projection
from runtime.array_files import read_arrays, text_array, text_of, write_arrays

LAYOUT = "codemychart-learnt-2"


def load_learnt(path: Path) -> tuple[Learnt, Projection]:
    """What `codemychart train --mentions` has learnt.

    Raises ModelBundleError when the file is missing or damaged.
    """
    try:
        arrays = read_arrays(path)
        header = json.loads(text_of(arrays["header"]))
        found = str(header["layout"])
        if found == LAYOUT:
            return _learnt(arrays), _projection(arrays)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        found = type(error).__name__
    raise ModelBundleError(
        f"expected what was learnt, in layout {LAYOUT}, at {path}; got {found}; take the bundle "
        "whole from where it came or train it again"
    )


def save_learnt(learnt: Learnt, projection: Projection, attribution: str, path: Path) -> None:
    """Write it; the same gives the same bytes. ``attribution`` names the notes' authors."""
    phrases, namings = sorted(learnt.phrases), sorted(learnt.namings)
    write_arrays(
        {
            "header": text_array(json.dumps({"layout": LAYOUT, "attribution": attribution})),
            "codes": text_array("\n".join(learnt.codes)),
            "code_notes": learnt.code_notes,
            "grams": text_array("\n".join(learnt.grams)),
            "gram_notes": learnt.gram_notes.astype(np.uint16),
            "links": np.diff(learnt.starts).astype(np.uint16),
            "link_codes": learnt.link_codes.astype(np.uint16),
            "link_strengths": learnt.link_strengths,
            "link_shares": learnt.link_shares,
            "phrases": text_array("\n".join(phrases)),
            "phrase_tried": _counts([learnt.phrases[phrase] for phrase in phrases]),
            "namings": text_array("\n".join("\t".join(naming) for naming in namings)),
            "naming_tried": _counts([learnt.namings[naming] for naming in namings]),
            "clause_vectors": learnt.clause_vectors.astype(np.float16),
            "clauses": np.diff(learnt.clause_starts).astype(np.uint16),
            "clause_codes": learnt.clause_codes.astype(np.uint16),
            "of_clauses": projection.clauses,
            "of_titles": projection.titles,
        },
        path,
    )


def _learnt(arrays: dict[str, NDArray[np.generic]]) -> Learnt:
    phrases = _lines(arrays["phrases"])
    namings = [line.split("\t") for line in _lines(arrays["namings"])]
    return Learnt(
        codes=tuple(map(IcdCode, _lines(arrays["codes"]))),
        code_notes=arrays["code_notes"].astype(np.int32),
        grams={gram: number for number, gram in enumerate(_lines(arrays["grams"]))},
        gram_notes=arrays["gram_notes"].astype(np.int32),
        starts=starts_of(arrays["links"]),
        link_codes=arrays["link_codes"].astype(np.int64),
        link_strengths=arrays["link_strengths"].astype(np.float32),
        link_shares=arrays["link_shares"].astype(np.float32),
        phrases=dict(zip(phrases, _tried(arrays["phrase_tried"]), strict=True)),
        namings={
            (phrase, IcdCode(code)): tried
            for (phrase, code), tried in zip(namings, _tried(arrays["naming_tried"]), strict=True)
        },
        clause_vectors=arrays["clause_vectors"].astype(np.float32),
        clause_starts=starts_of(arrays["clauses"]),
        clause_codes=arrays["clause_codes"].astype(np.int64),
    )


def _projection(arrays: dict[str, NDArray[np.generic]]) -> Projection:
    return Projection(
        clauses=arrays["of_clauses"].astype(np.float32),
        titles=arrays["of_titles"].astype(np.float32),
    )


def _lines(array: NDArray[np.generic]) -> list[str]:
    return text_of(array).split("\n")


def _counts(tried: list[Tried]) -> NDArray[np.uint16]:
    return np.array([(one.notes, one.coded) for one in tried], np.uint16)


def _tried(counts: NDArray[np.generic]) -> list[Tried]:
    return [Tried(notes, coded) for notes, coded in counts.tolist()]
