"""Synthetic encounters: the same for ever, consistent, coded from what they tell."""

import re
from collections import defaultdict
from datetime import date, timedelta
from itertools import islice
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.code_set import CodeSet
from clinical_coding.note import Sex
from producers.event_files import event_line
from producers.synthetic import LAST_DAY, SyntheticNote, encounters
from producers.synthetic.companions import LONG_TERM, UNCERTAIN
from producers.synthetic.conditions import Condition, Wordings
from producers.synthetic.story import SYSTEMIC, Story, story
from producers.synthetic.writing import Author, author
from runtime.code_set_files import load_code_set
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text
from schemas.wire import RecordWriter

NOTES, SEEDS = 700, (1, 2, 3)
GROWN_UPS = ("I1", "I2", "F03", "G30", "M8", "N18", "Z95", "C")
seeds = st.integers(0, 2**32)
WOMEN, MEN = ("O", "N8", "N9", "Z34", "C53", "C54", "C56"), ("N40", "N41", "N43", "N45", "C61")


@pytest.fixture(scope="module")
def code_set() -> CodeSet:
    return load_code_set()


@pytest.fixture(scope="module")
def notes() -> list[SyntheticNote]:
    return [note for seed in SEEDS for note in encounters(NOTES, seed)]


def stays(notes: list[SyntheticNote]) -> dict[str, list[SyntheticNote]]:
    """Notes by encounter, in their order."""
    found: dict[str, list[SyntheticNote]] = defaultdict(list)
    for note in notes:
        found[note.event.encounter_id].append(note)
    return dict(found)


def scripts(
    seed: int, wordings: Wordings = "all"
) -> list[tuple[Story, Author, list[SyntheticNote]]]:
    """The stories behind the first encounters of a seed, who writes them, and their notes."""
    found = []
    for number, told in enumerate(stays(list(encounters(200, seed, wordings=wordings))).values()):
        random = Random(f"{seed}/{number}")  # noqa: S311 - as the generator
        found.append((story(random, LAST_DAY), author(random, wordings), told))
    return found[:-1]  # the last may be cut short


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    writer = RecordWriter(NoteSigned, schema_text("note_signed.avsc"), 1)

    def written(seed: int) -> list[bytes]:
        return [writer.encode(note.event) for note in encounters(80, seed)]

    assert written(7) == written(7)
    assert not set(written(7)) & set(written(8))


def test_notes_do_not_change_when_more_are_asked_for() -> None:
    assert list(encounters(30, 4)) == list(islice(encounters(300, 4), 30))


def test_exactly_as_many_notes_come_as_are_asked_for() -> None:
    assert [len(list(encounters(count, 1))) for count in (0, 1, 17)] == [0, 1, 17]


def test_gold_codes_are_billable_and_each_once(
    notes: list[SyntheticNote], code_set: CodeSet
) -> None:
    for note in notes:
        assert note.gold
        assert len(set(note.gold)) == len(note.gold)
        assert all(code_set.is_billable(code) for code in note.gold)


def test_a_few_thousand_notes_cover_the_code_set_widely(
    notes: list[SyntheticNote], code_set: CodeSet
) -> None:
    codes = {code for note in notes for code in note.gold}

    assert len(codes) >= 300
    assert {code_set.entry(code).chapter for code in codes} == set(range(1, 23))


def test_no_event_holds_its_gold_codes(notes: list[SyntheticNote]) -> None:
    for note in notes:
        line = event_line(note.event)
        assert not [code for code in note.gold if re.search(rf"\b{re.escape(code)}\b", line)]


def test_ids_are_unique_and_an_encounters_notes_agree(notes: list[SyntheticNote]) -> None:
    assert len({note.event.note_id for note in notes}) == len(notes)
    for told in stays(notes).values():
        events = [note.event for note in told]
        assert len({(e.patient_ref, e.encounter_class, e.age_years, e.sex) for e in events}) == 1
        assert len({note.gold for note in told}) == 1
        days = [e.date_of_service for e in events]
        assert days == sorted(days)
        assert [e.signed_at.date() for e in events] == days


def test_a_stay_is_told_day_by_day_and_ends_with_its_discharge() -> None:
    for told, _, notes in scripts(5):
        kinds = [note.event.note_type_code for note in notes]
        if told.setting == "IMP":
            assert kinds == ["11506-3"] * (told.days - 1) + ["18842-5"]
        else:
            assert kinds == [{"AMB": "34131-3", "EMER": "34111-5"}[told.setting]]


@pytest.mark.parametrize("last_day", [LAST_DAY, date(2024, 2, 29)])
def test_dates_of_service_lie_in_the_half_year_up_to_the_last_day(last_day: date) -> None:
    for note in encounters(400, 9, last_day=last_day):
        assert last_day - timedelta(days=183) < note.event.date_of_service <= last_day


def test_the_code_set_is_in_force_on_every_day(
    notes: list[SyntheticNote], code_set: CodeSet
) -> None:
    assert all(code_set.is_in_force(note.event.date_of_service) for note in notes)


@given(seeds)
def test_age_and_sex_fit_every_code(seed: int) -> None:
    for note in encounters(30, seed):
        sex, age = note.event.sex, note.event.age_years
        assert age is not None
        for code in note.gold:
            assert not (sex is Sex.MALE and code.startswith(WOMEN)), code
            assert not (sex is Sex.FEMALE and code.startswith(MEN)), code
            assert age == 0 or not code.startswith(("P", "Z38")), code
            assert age >= 18 or not code.startswith(GROWN_UPS), code
            assert age <= 17 or not code.startswith("Z00.12"), code


@given(seeds)
def test_no_healthy_bone_breaks_where_osteoporosis_is_told(seed: int) -> None:
    """A fall that breaks an osteoporotic bone is M80 (guideline I.C.13.d.2)."""
    for note in encounters(30, seed):
        fractures = [code for code in note.gold if re.match(r"S[2-9]2", code)]
        assert not (fractures and any(code.startswith("M81") for code in note.gold)), note.gold


def test_what_is_coded_only_when_confirmed_is_never_told_as_probable() -> None:
    """HIV, COVID-19, identified influenza (I.C.1.a, I.C.1.g, I.C.10.c)."""
    unsure = [told for seed in range(8) for told, _, _ in scripts(seed) if told.uncertain]

    assert unsure
    assert all(told.setting == "IMP" and told.main[0].is_of(UNCERTAIN) for told in unsure)
    assert not any(code.startswith(("B20", "U07", "J09", "J10")) for code in UNCERTAIN)


def test_nobody_without_operations_has_lost_or_gained_a_part() -> None:
    for told, _, notes in scripts(12):
        if any(status.is_of(("Z90", "Z94", "Z95", "Z96")) for status in told.statuses):
            assert not [n for n in notes if "no prior surgeries" in n.event.text.lower()]


def test_the_external_cause_comes_last_and_only_with_an_injury(notes: list[SyntheticNote]) -> None:
    for note in notes:
        external = [code.startswith(("V", "W", "X", "Y")) for code in note.gold]
        assert external == sorted(external)
        assert not any(external) or note.gold[0].startswith(("S", "T2"))


def test_what_is_denied_warned_of_suspected_or_a_relatives_is_not_coded() -> None:
    for told, _, _ in scripts(6):
        doubtful = (told.doubtful,) if told.doubtful else ()
        aside = (*told.denied, *told.reported, *told.bygone, *told.warned, *told.family)
        for other in (*aside, *doubtful):
            assert not set(other.codes) & set(told.gold), other.codes


def test_some_notes_are_a_few_lines_without_headers(notes: list[SyntheticNote]) -> None:
    """Names and what is done, nothing else; none of a stay."""
    brief = [n for n in notes if "Chief Complaint" not in n.event.text and ":" not in n.event.text]

    assert len(brief) > 0.02 * len(notes)
    assert all(note.event.encounter_class != "IMP" for note in brief)


def test_an_outpatient_is_not_coded_what_only_the_history_names_and_nobody_treats() -> None:
    """Guidelines IV.J; a disease of the whole patient is coded wherever it is documented."""
    told = [story for story, _, _ in scripts(6)]

    assert any(story.bygone for story in told)
    assert not any(story.bygone for story in told if story.setting == "IMP")
    assert not any(one.is_of(SYSTEMIC) for story in told for one in story.bygone)


@pytest.mark.parametrize("wordings", ["all", "train", "held-out"])
def test_every_coded_condition_is_told_in_every_note(wordings: Wordings) -> None:
    """By one of its names as this author writes it, and every coded medicine by its own."""
    for told, hand, notes in scripts(10, wordings):
        cause = (told.cause,) if told.cause else ()
        for note in notes:
            text = note.event.text.lower()
            for condition in (*told.conditions, *told.statuses, *cause):
                assert any(name in text for name in names(condition, hand, wordings)), condition
            held = {code for c in (*told.conditions, *told.statuses) for code in c.codes}
            for status in {status for _, _, status in LONG_TERM} & set(note.gold) - held:
                drugs = [drug for drug, _, coded in LONG_TERM if coded == status]
                assert any(drug in text for drug in drugs), drugs


def names(condition: Condition, hand: Author, wordings: Wordings) -> list[str]:
    """What the author may have written for a condition, in small letters."""
    return [hand.shorten(name).lower() for name in condition.names_for(wordings)]


def test_notes_vary_in_headers_line_ends_and_words(notes: list[SyntheticNote]) -> None:
    """A ranker must not find one template to lean on."""
    firsts = {note.event.text.split(":")[0] for note in notes}

    assert len(firsts) > 15
    assert {"\r\n" in note.event.text for note in notes} == {True, False}
    assert len({note.event.text for note in notes}) == len(notes)


def test_a_labelled_note_is_the_event_as_the_engine_sees_it_with_its_codes() -> None:
    for note in encounters(5, 1):
        labelled = note.labelled()
        assert (labelled.note_id, labelled.codes) == (note.event.note_id, note.gold)
        assert labelled.note == note.event.note()
