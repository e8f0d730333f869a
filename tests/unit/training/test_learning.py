"""What labelled notes teach, on notes made so that one can see what it must be."""

from datetime import date

import numpy as np
import pytest

from clinical_coding.arrays import Vectors
from clinical_coding.claim import Profile
from clinical_coding.engine import EngineParts
from clinical_coding.features import FEATURES, candidate_features
from clinical_coding.learnt import Learnt, grams_of
from clinical_coding.lessons import lessons_of
from clinical_coding.note import IcdCode, LabelledNote, Note, NoteId
from clinical_coding.proposing import CandidateSources, propose_batch, taught
from clinical_coding.reading import read
from runtime.progress import silent
from tests.fakes.engine_parts import DIMS
from training.cross_fitting import learn_all
from training.learning import learn, read_lessons

GANGRENE, SCAR = IcdCode("I96"), IcdCode("L90.5")
NECROTIC = "The toe was black and necrotic. The patient was afebrile."
SCARRED = "A raised keloidal band crossed the wound. The patient was afebrile."
NO_CLAUSES: Vectors = np.empty((0, DIMS), np.float32)


def labelled(number: int, text: str, *codes: IcdCode) -> LabelledNote:
    note = Note(text=text, date_of_service=date(2026, 5, 1))
    return LabelledNote(note_id=NoteId(f"note-{number}"), note=note, codes=codes)


NOTES = [
    *(labelled(number, NECROTIC, GANGRENE) for number in range(6)),
    *(labelled(10 + number, SCARRED, SCAR) for number in range(6)),
]


@pytest.fixture(scope="module")
def sources(parts: EngineParts) -> CandidateSources:
    return parts.sources


@pytest.fixture(scope="module")
def learnt(sources: CandidateSources) -> Learnt:
    return learn(read_lessons(NOTES, sources, silent), sources)


def strength(learnt: Learnt, gram: str, code: IcdCode) -> float:
    number = learnt.grams[gram]
    links = slice(learnt.starts[number], learnt.starts[number + 1])
    of_code = learnt.link_codes[links] == learnt.places[code]
    return float(learnt.link_strengths[links][of_code].max(initial=0))


def test_a_word_of_the_notes_of_one_code_speaks_for_it_and_for_no_other(learnt: Learnt) -> None:
    assert strength(learnt, "necrotic", GANGRENE) > 10 * strength(learnt, "necrotic", SCAR)


def test_a_word_of_every_note_says_little(learnt: Learnt) -> None:
    assert strength(learnt, "afebrile", GANGRENE) < strength(learnt, "necrotic", GANGRENE)


def test_what_is_denied_teaches_nothing() -> None:
    assert "fever" not in grams_of(read("No fever or chills."))


def test_a_note_is_told_what_its_words_speak_for(learnt: Learnt) -> None:
    told = lessons_of(learnt, read("A necrotic heel."), (), NO_CLAUSES)

    assert told.strength[learnt.places[GANGRENE]] > told.strength[learnt.places[SCAR]]
    assert told.rank[learnt.places[GANGRENE]] == 0


def test_a_note_without_a_learnt_word_is_told_nothing(learnt: Learnt) -> None:
    told = lessons_of(learnt, read("Quite something else."), (), NO_CLAUSES)

    assert not told.strength.any()
    assert (told.gram == -1).all()


def test_a_header_of_older_labels_teaches_its_unspecified_leaf(sources: CandidateSources) -> None:
    """M54.5 was split in 2021: its notes now teach M54.50."""
    (lesson,) = read_lessons([labelled(1, "Lumbago.", IcdCode("M54.5"))], sources, silent)

    assert lesson.codes == ("M54.50",)


def test_a_code_is_proposed_with_the_words_that_others_wrote_for_it(
    sources: CandidateSources,
) -> None:
    knowing = taught(sources, *learn_all(read_lessons(NOTES, sources, silent), sources, 1))
    note = Note(text="Seen for a necrotic heel.", date_of_service=date(2026, 5, 1))

    (proposal,) = propose_batch([note], knowing, Profile.MENTIONS)

    passages = {c.code: c.learnt for c in proposal.candidates if c.learnt}
    assert GANGRENE in passages
    assert "necrotic" in note.text[passages[GANGRENE].start : passages[GANGRENE].end]


def test_nothing_learnt_is_asked_for_a_claim(sources: CandidateSources) -> None:
    knowing = taught(sources, *learn_all(read_lessons(NOTES, sources, silent), sources, 1))
    note = Note(text=NECROTIC, date_of_service=date(2026, 5, 1))

    (found,) = candidate_features([note], knowing, Profile.CLAIM)

    columns = [at for at, name in enumerate(FEATURES) if name.startswith(("learnt_", "phrase_"))]
    assert np.isnan(found.matrix[:, columns]).all()


def test_a_code_of_no_other_note_is_unknown_to_a_fold(sources: CandidateSources) -> None:
    """Not only its counts are hidden from its own notes: whoever learns without them never met it."""
    others = [labelled for labelled in NOTES if GANGRENE not in labelled.codes]

    learnt = learn(read_lessons(others, sources, silent), sources)

    assert GANGRENE not in learnt.places
