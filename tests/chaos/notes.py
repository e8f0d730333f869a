"""The notes of a run: synthetic ones, numbered, so that each can be found again by its number."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import islice

from clinical_coding.note import EncounterId, NoteId
from producers.synthetic import encounters
from schemas.note_signed import NoteSigned
from tests.chaos.plan import Mark, Plan

ENCOUNTERS = 97  # no multiple of the partitions: each encounter's notes are spread over the run
DAY = date(2026, 3, 2)  # one day, so that landing writes one file a batch
DIFFERENT = 500  # texts; then they come again
MARKS: Mapping[Mark, str] = {mark: f"\n[the model {mark} here]" for mark in Mark}


def notes_of(plan: Plan, first: int) -> Iterator[NoteSigned]:
    """The plan's notes from number ``first`` on, in order; the same ones each time."""
    drafts = [draft.event for draft in islice(encounters(DIFFERENT, plan.seed), DIFFERENT)]
    marks = plan.marks()
    for number in range(first, plan.notes):
        draft = drafts[number % len(drafts)]
        yield replace(
            draft,
            note_id=NoteId(f"note-{number}"),
            encounter_id=encounter_of(number),
            date_of_service=DAY,
            text=draft.text + (MARKS[marks[number]] if number in marks else ""),
        )


def number_of(note_id: str) -> int:
    """The number of a note of ours."""
    return int(note_id.removeprefix("note-"))


def encounter_of(number: int) -> EncounterId:
    """The encounter that the note of this number belongs to."""
    return EncounterId(f"encounter-{number % ENCOUNTERS}")
