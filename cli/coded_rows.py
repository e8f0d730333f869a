"""Rows of notes in, JSON lines of codings out: a batch at a time, however long the input is."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from pathlib import Path

import click

from clinical_coding.claim import Coding
from clinical_coding.note import Note
from producers.note_files import read_notes
from schemas.note_rows import UNKNOWN, RejectedRow

BATCH = 32  # notes that are held at once


def code_rows(
    source: Path, usual_day: datetime, coded: Callable[[list[Note]], Sequence[Coding]]
) -> int:
    """Write one line for each note to stdout, for each bad row one to stderr; 1 where any was bad.

    A note that names no date of service is of the usual day.
    """
    rejected = 0
    rows = read_notes(str(source), lambda: usual_day, lambda _: UNKNOWN)
    while batch := list(islice(rows, BATCH)):
        events = [row for row in batch if not isinstance(row, RejectedRow)]
        for event, coding in zip(events, coded([e.note() for e in events]), strict=True):
            click.echo(as_json(event.note_id, coding))
        for row in batch:
            if isinstance(row, RejectedRow):
                rejected += 1
                click.echo(str(row), err=True)
    return int(rejected > 0)


def as_json(name: str, coding: Coding) -> str:
    """A coding as one line."""
    return json.dumps({"id": name, **asdict(coding)})
