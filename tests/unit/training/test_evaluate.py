"""The engine, around fakes, held against labelled notes."""

from datetime import date

from clinical_coding.claim import Profile
from clinical_coding.engine import EngineParts, code_batch, judge_batch
from clinical_coding.note import IcdCode, LabelledNote, Note, NoteId
from runtime.progress import silent
from training.evaluate import coded, evaluate
from training.lost_codes import Fate

TEXT = "Assessment:\n1. Essential hypertension.\n2. No pneumonia.\n3. Acute appendicitis?\n"
NOTE = Note(text=TEXT, date_of_service=date(2026, 6, 1))


def gold(*codes: str) -> LabelledNote:
    return LabelledNote(note_id=NoteId("n"), note=NOTE, codes=tuple(map(IcdCode, codes)))


def test_judging_a_note_codes_it_as_ever(parts: EngineParts) -> None:
    for profile in Profile:
        (judged,) = judge_batch([NOTE], parts, profile)

        assert (judged.coding,) == code_batch([NOTE], parts, profile)
        assert {d.code for d in judged.coding.diagnoses} <= {c.code for c, _ in judged.candidates}


def test_a_coded_note_has_its_candidates_likeliest_first(parts: EngineParts) -> None:
    (found,) = coded([gold("I10")], parts, Profile.CLAIM, silent)

    assert next(iter(found.reported)) == "I10"
    assert list(found.candidates.values()) == sorted(found.candidates.values(), reverse=True)


def test_a_code_that_the_note_denies_is_told_as_refused(parts: EngineParts) -> None:
    found = evaluate([gold("I10", "J18.9")], parts, Profile.CLAIM, silent)

    assert found.fates.counts == {Fate.REPORTED: 1, Fate.REFUSED: 1}
    assert found.fates.reasons == {"negated in the note": 1}
    assert found.figures.recall == 0.5
