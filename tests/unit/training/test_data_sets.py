"""Which notes are held out, and which patients are made unknown."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.note import IcdCode, LabelledNote, Note, NoteId, Sex
from training.data_sets import digest_of_notes, split, with_unknown_patients


def labelled(name: str) -> LabelledNote:
    note = Note(text="", date_of_service=date(2026, 6, 1), age_years=40, sex=Sex.FEMALE)
    return LabelledNote(note_id=NoteId(name), note=note, codes=(IcdCode("I10"),))


NOTES = [labelled(f"S{report:04}-0614{report}-{part}") for report in range(500) for part in (1, 2)]


def test_about_a_fifth_is_held_out_and_nothing_is_lost() -> None:
    train, held_out = split(NOTES, seed=1)

    assert sorted(n.note_id for n in (*train, *held_out)) == sorted(n.note_id for n in NOTES)
    assert 0.15 < len(held_out) / len(NOTES) < 0.25


def test_parts_of_one_report_stay_together() -> None:
    """Else the ranker would be tested on reports that it has half read."""
    sides = [{n.note_id.rpartition("-")[0] for n in side} for side in split(NOTES, seed=1)]

    assert not sides[0] & sides[1]


@given(st.integers(0, 9))
def test_where_a_note_goes_depends_on_its_id_and_the_seed_alone(seed: int) -> None:
    _, held_out = split(NOTES, seed)
    _, of_half = split(NOTES[::2], seed)

    assert {n.note_id for n in of_half} == {n.note_id for n in held_out} & {
        n.note_id for n in NOTES[::2]
    }


def test_another_seed_holds_out_other_notes() -> None:
    assert split(NOTES, 1)[1] != split(NOTES, 2)[1]


def test_about_half_of_the_patients_are_made_unknown_and_nothing_else_changes() -> None:
    made = with_unknown_patients(NOTES, seed=1)

    unknown = [n for n in made if n.note.age_years is None]
    assert 0.4 < len(unknown) / len(NOTES) < 0.6
    assert all(n.note.sex is Sex.UNKNOWN for n in unknown)
    assert [(n.note_id, n.codes, n.note.text) for n in made] == [
        (n.note_id, n.codes, n.note.text) for n in NOTES
    ]


def test_the_digest_of_notes_tells_of_every_id_text_and_code_and_of_their_order() -> None:
    one = labelled("a")
    others = (
        [labelled("b")],
        [replace(one, note=replace(one.note, text="Cough."))],
        [replace(one, codes=(IcdCode("I11.9"),))],
        [one, labelled("b")],
        [labelled("b"), one],
    )

    assert digest_of_notes([one]) == digest_of_notes([labelled("a")])
    assert len({digest_of_notes(notes) for notes in ([one], *others)}) == 6
