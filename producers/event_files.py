"""Note events as JSON Lines that `read_notes` reads back, and gold codes as a file beside them."""

import json
from collections.abc import Iterable, Iterator
from typing import TextIO

from pydantic import TypeAdapter

from producers.publish import Published, Rejection
from producers.synthetic import SyntheticNote
from runtime.progress import Progress, silent
from schemas.note_rows import RejectedRow
from schemas.note_signed import NoteSigned

EVENT = TypeAdapter(NoteSigned)


def event_line(event: NoteSigned) -> str:
    """The event as one line of JSON; every field under the contract's name."""
    return EVENT.dump_json(event).decode() + "\n"


def gold_line(note: SyntheticNote) -> str:
    """The note's id and its codes in claim order, as one line of JSON."""
    return json.dumps({"note_id": note.event.note_id, "codes": note.gold}) + "\n"


def with_gold(notes: Iterable[SyntheticNote], gold: TextIO | None) -> Iterator[NoteSigned]:
    """The events of the notes; the codes of each are written to ``gold`` as it goes by."""
    for note in notes:
        if gold:
            gold.write(gold_line(note))
        yield note.event


def write_events(
    notes: Iterable[NoteSigned | RejectedRow],
    out: TextIO,
    *,
    progress: Progress = silent,
    total: int = 0,
    rejected: Rejection = lambda _: None,
) -> Published:
    """Write every event to ``out`` instead of a broker; what is written counts as acknowledged."""
    written = refused = 0
    for place, note in enumerate(notes, start=1):
        if isinstance(note, RejectedRow):
            refused += 1
            rejected(note)
        else:
            out.write(event_line(note))
            written += 1
        progress("write notes", place, total)
    return Published(published=written, acknowledged=written, rejected=refused)
