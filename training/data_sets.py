"""Which labelled notes the ranker is fitted on, and which are held out."""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from clinical_coding.note import LabelledNote, NoteId, Sex

HELD_OUT_SHARE = 0.2
UNKNOWN_SHARE = 0.5
_PART = re.compile(r"-\d{1,3}$")  # the second part of report S0004-061 is S0004-061-2


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """Notes to fit on, and notes of other encounters to stop, calibrate and set the bars with.

    ``name`` says where they come from; it goes into the bundle.
    """

    name: str
    train: Sequence[LabelledNote] = field(repr=False)
    held_out: Sequence[LabelledNote] = field(repr=False)


def split(
    notes: Iterable[LabelledNote], seed: int
) -> tuple[tuple[LabelledNote, ...], tuple[LabelledNote, ...]]:
    """Four fifths to fit on and a fifth held out; where a note goes, its id and the seed decide.

    Parts of one report, whose ids differ in a last number, stay together.
    """
    sides: dict[bool, list[LabelledNote]] = {False: [], True: []}
    for labelled in notes:
        sides[_draw_report(labelled, seed) < HELD_OUT_SHARE].append(labelled)
    return tuple(sides[False]), tuple(sides[True])


def fold_of(labelled: LabelledNote, seed: int, folds: int) -> int:
    """The fold, 0..folds-1, that a note is dealt into; parts of one report go together."""
    return int(_draw_report(labelled, seed) * folds)


def with_unknown_patients(notes: Iterable[LabelledNote], seed: int) -> tuple[LabelledNote, ...]:
    """Half of the notes without age and sex: a ranker that always knows them cannot do without."""
    return tuple(
        replace(labelled, note=replace(labelled.note, age_years=None, sex=Sex.UNKNOWN))
        if _draw(labelled.note_id, seed) < UNKNOWN_SHARE
        else labelled
        for labelled in notes
    )


def _draw_report(labelled: LabelledNote, seed: int) -> float:
    return _draw(_PART.sub("", labelled.note_id), seed)


def _draw(name: NoteId | str, seed: int) -> float:
    """A number in 0..1 that looks random and is the same each time."""
    digest = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def digest_of_notes(notes: Iterable[LabelledNote]) -> str:
    """SHA-256, in hexadecimal, of the notes' ids, texts and codes in their order."""
    digest = hashlib.sha256()
    for labelled in notes:
        told = (labelled.note_id, labelled.note.text, *labelled.codes)
        digest.update(json.dumps(told).encode())
    return digest.hexdigest()
