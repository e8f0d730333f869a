"""Assessments as short notes of their own."""

from datetime import date

from clinical_coding.note import IcdCode, LabelledNote, Note, NoteId
from training.excerpts import assessments

DAY = date(2026, 6, 1)
TEXT = "FH: Mother had asthma.\nAssessment:\n1. Hypertension\n2. Gout\nPlan: Allopurinol.\n"


def labelled(text: str) -> LabelledNote:
    note = Note(text=text, date_of_service=DAY, age_years=61)
    return LabelledNote(note_id=NoteId("note-1"), note=note, codes=(IcdCode("I10"),))


def test_an_assessment_is_a_note_of_its_own_without_header_and_other_sections() -> None:
    (excerpt,) = assessments([labelled(TEXT)])

    assert excerpt.note.text == "1. Hypertension\n2. Gout"
    assert (excerpt.note_id, excerpt.codes) == ("note-1/assessment", ("I10",))
    assert excerpt.note.age_years == 61


def test_a_note_without_assessment_gives_none() -> None:
    assert not list(assessments([labelled("Chest pain."), labelled("")]))
