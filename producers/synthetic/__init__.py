"""Synthetic encounters: notes that read like real ones, each with the codes it was made from."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count as numbers
from itertools import islice
from random import Random

from clinical_coding.note import EncounterId, IcdCode, LabelledNote, NoteId, PatientRef
from producers.synthetic.conditions import Wordings
from producers.synthetic.note_text import (
    admission_story,
    brief_note,
    discharge_summary,
    emergency_note,
    office_note,
    progress_note,
    text_of,
)
from producers.synthetic.pen import Pen
from producers.synthetic.story import story
from producers.synthetic.writing import author
from schemas.note_signed import NoteSigned

LAST_DAY = date(2026, 9, 30)  # the last day on which the shipped code set is in force
SOURCE = "synthetic"
COPIED = 0.7  # share of progress notes that carry the admission's history forward
SHARE_OF_BRIEF = 0.15  # of the notes outside the hospital
NAMESPACE = uuid.UUID("5b0e0b52-3f4c-5d0b-9a6e-0c2d7a5f1e44")
Draft = tuple[str, date, str]  # a key of TYPES, the day, the text
TYPES = {  # LOINC document codes
    "office": ("34131-3", "Outpatient Progress note", "physician"),
    "emergency": ("34111-5", "Emergency department Note", "emergency physician"),
    "progress": ("11506-3", "Progress note", "hospitalist"),
    "discharge": ("18842-5", "Discharge summary", "hospitalist"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticNote:
    """A note event and, beside it and never in it, the codes in claim order."""

    event: NoteSigned
    gold: tuple[IcdCode, ...]

    def labelled(self) -> LabelledNote:
        """The note in the form that training and evaluation take."""
        return LabelledNote(note_id=self.event.note_id, note=self.event.note(), codes=self.gold)


def encounters(
    count: int, seed: int, *, wordings: Wordings = "all", last_day: date = LAST_DAY
) -> Iterator[SyntheticNote]:
    """``count`` notes, encounter after encounter; the same arguments, the same notes.

    The n-th encounter depends on ``seed`` and n alone. ``wordings`` "train" leaves out one name of
    each condition that has several, "held-out" uses only those: train on the one, evaluate on the
    other, and no name was seen before.
    """
    notes = (note for n in numbers() for note in _encounter(n, seed, wordings, last_day))
    return islice(notes, count)


def _encounter(
    number: int, seed: int, wordings: Wordings, last_day: date
) -> Iterator[SyntheticNote]:
    random = Random(f"{seed}/{number}")  # noqa: S311 - repeatable on purpose
    told = story(random, last_day)
    hand = author(random, wordings)
    pen = Pen(random=random, story=told, author=hand, wordings=wordings)
    for place, draft in enumerate(_drafts(pen)):
        yield SyntheticNote(event=_event(f"{seed}/{number}", place, draft, pen), gold=told.gold)


def _drafts(pen: Pen) -> Iterator[Draft]:
    told = pen.story
    if told.setting != "IMP" and pen.chance(SHARE_OF_BRIEF):
        kind = "office" if told.setting == "AMB" else "emergency"
        yield kind, told.first_day, brief_note(pen)
    elif told.setting == "AMB":
        yield "office", told.first_day, office_note(pen)
    elif told.setting == "EMER":
        yield "emergency", told.first_day, emergency_note(pen)
    else:
        copied = admission_story(pen)
        for day in range(1, told.days):
            kept = copied if pen.chance(COPIED) else ""
            yield (
                "progress",
                told.first_day + timedelta(days=day - 1),
                progress_note(pen, day, kept),
            )
        last = told.first_day + timedelta(days=told.days - 1)
        yield "discharge", last, discharge_summary(pen, copied)


def _event(name: str, place: int, draft: Draft, pen: Pen) -> NoteSigned:
    (kind, day, text), told = draft, pen.story
    code, words, role = TYPES[kind]
    return NoteSigned(
        note_id=NoteId(f"note-{uuid.uuid5(NAMESPACE, f'{name}/{place}')}"),
        encounter_id=EncounterId(f"encounter-{uuid.uuid5(NAMESPACE, name)}"),
        patient_ref=PatientRef(f"patient-{uuid.uuid5(NAMESPACE, f'{name}/patient').hex[:12]}"),
        encounter_class=told.setting,
        date_of_service=day,
        age_years=told.age,
        sex=told.sex,
        note_type_code=code,
        note_type_name=words,
        author_role=role,
        text=text_of(text, pen),
        signed_at=datetime.combine(day, time(8), UTC)
        + timedelta(seconds=pen.random.randrange(36_000)),
        source=SOURCE,
    )
