"""Short notes made of long ones: the ranker must also read what has no sections."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from clinical_coding.note import LabelledNote, NoteId
from clinical_coding.sections import split_sections

JUDGEMENTS = frozenset({"assessment", "discharge_diagnosis"})  # here a note names what is coded


def assessments(notes: Iterable[LabelledNote]) -> Iterator[LabelledNote]:
    """Each note's assessment by itself, without its header, under the note's codes.

    Notes without one are left out. A code whose words stood elsewhere has none here; as it is no
    candidate then, it does no harm.
    """
    for labelled in notes:
        text = labelled.note.text
        parts = [text[s.start : s.end] for s in split_sections(text) if s.name in JUDGEMENTS]
        if excerpt := "\n".join(part.strip() for part in parts).strip():
            yield replace(
                labelled,
                note_id=NoteId(f"{labelled.note_id}/assessment"),
                note=replace(labelled.note, text=excerpt),
            )
