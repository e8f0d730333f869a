"""What stays on one claim together, and in which order: I.A.12, I.A.13, I.B, I.C.20, II, IV, MCE."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.code_edits import Edits
from clinical_coding.note import Sex
from clinical_coding.rules.draft import Drop, apply
from clinical_coding.rules.duplicates import (
    MORE_DETAIL,
    one_code_of_a_category,
    same_words_once,
    what_is_named_in_more_detail,
)
from clinical_coding.rules.edits import (
    codes_for_the_patients_age,
    codes_for_the_patients_sex,
    complete_codes_only,
    manifestation_with_its_cause,
)
from clinical_coding.rules.excludes import not_coded_here
from clinical_coding.rules.external_causes import (
    circumstances_of_a_first_visit,
    external_cause_of_the_same_encounter,
    external_cause_only_with_what_it_caused,
    fall_of_a_kind,
)
from clinical_coding.rules.integral_symptoms import symptoms_integral_to_a_diagnosis
from clinical_coding.rules.sequencing import can_be_first, in_claim_order, sequenced
from tests.drafts import code, codes_after, draft, note, on_words, span
from tests.fakes.conventions import StatedConventions


def test_the_same_words_are_coded_once_by_the_likelier_code() -> None:
    after = apply(same_words_once, draft(code("D05.90", 0.9), code("C50.919", 0.6)))

    assert [one.code for one in after.standing] == ["D05.90"]
    assert after.dropped[0].reason == "the same words support a likelier code"


def test_one_code_of_a_category_unless_other_words_name_another_detail() -> None:
    """Two knees are two codes; the unspecified knee beside one of them is none."""
    right, left = code("M25.561", 0.9, span(0, 5)), code("M25.562", 0.8, span(10, 15))
    open_side = code("M25.569", 0.95, span(20, 25), unspecified=True)
    before = draft(open_side, right, left)

    assert codes_after(one_code_of_a_category, before) == {"M25.561", "M25.562"}
    assert list(one_code_of_a_category(before)) == [Drop(code=open_side.code, why=MORE_DETAIL)]


def test_words_that_say_both_sides_are_two_codes() -> None:
    """Guideline I.B.13, where the release has no code for both; a reading that only looks alike is none."""
    right, left = code("M77.01", 0.8), code("M77.02", 0.8)
    sides = StatedConventions(sides=[("M77.01", "M77.02")])

    assert codes_after(same_words_once, draft(right, left, conventions=sides)) == {
        "M77.01",
        "M77.02",
    }
    assert codes_after(same_words_once, draft(right, left)) == {"M77.01"}
    alike = code("M77.02", 0.8, named=False)
    assert codes_after(same_words_once, draft(right, alike, conventions=sides)) == {"M77.01"}


def test_a_pain_is_coded_by_its_site_and_as_chronic() -> None:
    """Guideline I.C.6.b.1.b."""
    before = draft(code("M54.9", 0.9), code("G89.29", 0.8), code("R52", 0.7))

    assert codes_after(same_words_once, before) == {"M54.9", "G89.29"}


def test_the_words_of_an_injury_may_tell_its_cause_too() -> None:
    """A dog bite is an open bite (S) by a dog (W)."""
    before = draft(code("W54.0XXA", 0.8), code("S51.851A", 0.9, named=False))

    assert codes_after(same_words_once, before) == {"W54.0XXA", "S51.851A"}


def test_a_condition_is_coded_as_the_note_names_it_in_most_detail() -> None:
    """The end of the longer name names the same thing, its beginning another."""
    text = "Anemia. Iron deficiency anemia. Anemia screening."
    short = code("D64.9", 0.95, on_words("Anemia", text), unspecified=True)
    long = code("D50.9", 0.8, on_words("Iron deficiency anemia", text))
    other = code("Z13.0", 0.8, on_words("Anemia screening", text))
    rule = what_is_named_in_more_detail

    assert codes_after(rule, draft(short, long, of=note(text))) == {"D50.9"}
    assert codes_after(rule, draft(short, other, of=note(text))) == {"D64.9", "Z13.0"}
    detailed = code("D64.81", 0.9, on_words("Anemia", text))
    assert codes_after(rule, draft(detailed, long, of=note(text))) == {"D64.81", "D50.9"}


def test_pain_of_a_joint_is_part_of_what_is_wrong_with_that_joint() -> None:
    torn, sprained = (
        draft(code("M25.561"), code("S83.241A")),
        draft(code("M25.561"), code("S93.401A")),
    )

    assert codes_after(symptoms_integral_to_a_diagnosis, torn) == {"S83.241A"}
    assert codes_after(symptoms_integral_to_a_diagnosis, sprained) == {"M25.561", "S93.401A"}


def test_diabetes_takes_as_many_codes_as_it_has_complications() -> None:
    before = draft(code("E11.22"), code("E11.319", named=False))

    assert codes_after(one_code_of_a_category, before) == {"E11.22", "E11.319"}


def test_a_symptom_of_a_coded_disease_is_not_coded_beside_it() -> None:
    before = draft(code("R05.9"), code("J18.9"), code("R07.9"))

    assert codes_after(symptoms_integral_to_a_diagnosis, before) == {"J18.9", "R07.9"}
    assert codes_after(symptoms_integral_to_a_diagnosis, draft(code("R05.9"))) == {"R05.9"}


def test_of_two_codes_that_exclude_one_another_the_more_telling_stays() -> None:
    """A diagnosis before a symptom, a named code before one that reads alike, then the likelier."""
    mutual = [("I20.9", "R07.9"), ("E10.9", "E11.9")]
    pairs = StatedConventions(pairs=[*mutual, *((b, a) for a, b in mutual)])
    before = draft(code("R07.9", 0.99), code("I20.9", 0.6), conventions=pairs)
    types = draft(code("E11.9", 0.7), code("E10.9", 0.9, named=False), conventions=pairs)
    apart = draft(code("R07.9"), code("E11.9"), conventions=pairs)

    assert codes_after(not_coded_here, before) == {"I20.9"}
    assert codes_after(not_coded_here, types) == {"E11.9"}
    assert codes_after(not_coded_here, apart) == {"R07.9", "E11.9"}


def test_of_two_that_exclude_one_another_the_one_named_in_more_words_stays() -> None:
    both = StatedConventions(pairs=[("F31.9", "F32.A"), ("F32.A", "F31.9")])
    before = draft(
        code("F32.A", 0.9, span(27, 36), unspecified=True),
        code("F31.9", 0.8, span(0, 16), unspecified=True),
        conventions=both,
    )

    assert codes_after(not_coded_here, before) == {"F31.9"}


def test_a_code_whose_note_names_another_gives_way_to_it_however_likely() -> None:
    known = StatedConventions(pairs=[("N39.0", "N30.90")])
    before = draft(code("N39.0", 0.99), code("N30.90", 0.6, unspecified=True), conventions=known)

    assert codes_after(not_coded_here, before) == {"N30.90"}


@given(
    pairs=st.sets(st.tuples(st.sampled_from("ABCDEF"), st.sampled_from("ABCDEF"))),
    likely=st.permutations((0.5, 0.6, 0.7, 0.8, 0.9, 0.95)),
)
def test_no_pair_is_left_and_nothing_falls_without_one(
    pairs: set[tuple[str, str]], likely: list[float]
) -> None:
    """Whatever excludes what: what fell is excluded by something that stayed."""
    known = StatedConventions(pairs=[pair for pair in pairs if pair[0] != pair[1]])
    everything = [code(name, p) for name, p in zip("ABCDEF", likely, strict=True)]
    stay = codes_after(not_coded_here, draft(*everything, conventions=known))

    assert not [(a, b) for a in stay for b in stay if known.excludes1(a, b)]
    assert all(any(known.excludes1(out, kept) for kept in stay) for out in set("ABCDEF") - stay)


def test_codes_are_held_against_the_patients_sex_and_age_where_they_are_known() -> None:
    edited = StatedConventions(edited={"N40.0": Edits(sex=Sex.MALE), "P07.30": Edits(ages=(0, 0))})
    codes = (code("N40.0"), code("P07.30"))
    for rule, patient, after in (
        (codes_for_the_patients_sex, note(sex=Sex.FEMALE), {"P07.30"}),
        (codes_for_the_patients_sex, note(sex=Sex.MALE), {"N40.0", "P07.30"}),
        (codes_for_the_patients_sex, note(), {"N40.0", "P07.30"}),
        (codes_for_the_patients_age, note(age=40), {"N40.0"}),
        (codes_for_the_patients_age, note(age=0), {"N40.0", "P07.30"}),
        (codes_for_the_patients_age, note(), {"N40.0", "P07.30"}),
    ):
        assert codes_after(rule, draft(*codes, of=patient, conventions=edited)) == after


def test_only_complete_codes_are_reported() -> None:
    before = draft(code("E11"), code("I10"), conventions=StatedConventions(incomplete=["E11"]))

    assert codes_after(complete_codes_only, before) == {"I10"}


def test_a_manifestation_needs_something_that_may_come_first() -> None:
    edited = StatedConventions(edited={"H36": Edits(manifestation=True)})

    assert (
        codes_after(manifestation_with_its_cause, draft(code("H36"), conventions=edited)) == set()
    )
    assert codes_after(
        manifestation_with_its_cause, draft(code("H36"), code("E11.319"), conventions=edited)
    ) == {"H36", "E11.319"}


def test_an_external_cause_needs_something_that_it_may_have_caused() -> None:
    fall = code("W01.0XXA")

    assert codes_after(external_cause_only_with_what_it_caused, draft(fall, code("I10"))) == {"I10"}
    for hurt in ("S52.501A", "M25.561"):
        assert codes_after(external_cause_only_with_what_it_caused, draft(fall, code(hurt))) == {
            "W01.0XXA", hurt,
        }  # fmt: skip


def test_an_activity_is_that_of_an_injury_and_told_with_it() -> None:
    """Guideline I.C.20.c: pain in a knee that plays basketball, or a habit, has no activity code."""
    rule = external_cause_only_with_what_it_caused
    played, habit = code("Y93.67"), code("Y93.67", 0.9, span(section="social_history"))

    assert codes_after(rule, draft(played, code("S83.91XA"))) == {"Y93.67", "S83.91XA"}
    assert codes_after(rule, draft(played, code("M25.561"), code("W01.0XXA"))) == {
        "Y93.67", "M25.561", "W01.0XXA",
    }  # fmt: skip
    assert codes_after(rule, draft(played, code("M25.561"))) == {"M25.561"}
    assert codes_after(rule, draft(habit, code("S83.91XA"))) == {"S83.91XA"}


def test_the_kind_of_fall_replaces_a_fall() -> None:
    assert codes_after(fall_of_a_kind, draft(code("W19.XXXA"), code("W11.XXXA"))) == {"W11.XXXA"}
    assert codes_after(fall_of_a_kind, draft(code("W19.XXXA"), code("W54.0XXA"))) == {
        "W19.XXXA", "W54.0XXA",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("injury", "cause"),
    [("S52.501D", "W11.XXXD"), ("S52.501K", "W11.XXXD"), ("S52.501B", "W11.XXXA"),
     ("S52.501S", "W11.XXXS"), ("I10", "W11.XXXA")],
)  # fmt: skip
def test_an_external_cause_has_the_encounter_of_its_injury(injury: str, cause: str) -> None:
    before = draft(code(injury), code("W11.XXXA"))

    assert codes_after(external_cause_of_the_same_encounter, before) == {injury, cause}


def test_place_and_activity_are_told_once_and_at_the_first_visit() -> None:
    circumstances = (code("Y93.66", 0.9), code("Y93.67", 0.8), code("Y92.310", 0.7))
    first = draft(code("S93.401A"), *circumstances)
    later = draft(code("S93.401D"), *circumstances)

    assert codes_after(circumstances_of_a_first_visit, first) == {
        "S93.401A", "Y93.66", "Y92.310",
    }  # fmt: skip
    assert codes_after(circumstances_of_a_first_visit, later) == {"S93.401D"}


def test_what_is_concluded_comes_first_external_causes_last() -> None:
    """The assessment before the complaint, conditions before status, causes and places at the end."""
    codes = (
        code("W01.0XXA", 0.99, span(0, 5, section="assessment")),
        code("Y93.01", 0.99, span(0, 5, section="assessment")),
        code("Z79.4", 0.98, span(10, 15, section="assessment")),
        code("M79.7", 0.97, span(20, 25, section="chief_complaint")),
        code("E11.9", 0.6, span(30, 35, section="assessment")),
        code("I10", 0.99, span(40, 45, section="pmh")),
    )
    ordered = ["E11.9", "M79.7", "I10", "Z79.4", "W01.0XXA", "Y93.01"]

    assert [one.code for one in in_claim_order(codes)] == ordered
    assert in_claim_order(codes) == in_claim_order(codes[::-1])


def test_an_underlying_condition_comes_before_what_it_causes_and_the_trace_says_so() -> None:
    """Also in a chain, and where the note tells the manifestation first."""
    firsts = StatedConventions(firsts={"N18.6": ("I12", "E11.22"), "D63.1": ("N18",)})
    before = draft(
        code("D63.1", 0.9, span(0, 5)),
        code("I10", 0.9, span(6, 9)),
        code("N18.6", 0.9, span(10, 15)),
        code("I12.0", 0.9, span(20, 25)),
        conventions=firsts,
    )
    after = sequenced(before).standing

    assert [one.code for one in after] == ["I12.0", "N18.6", "D63.1", "I10"]
    assert after[0].rules == ("IV.G first-listed diagnosis",)
    assert after[1].rules == ("I.A.13 after the code that comes first",)


def test_codes_that_want_each_other_first_are_both_reported() -> None:
    circle = StatedConventions(firsts={"A00.0": ("B00.0",), "B00.0": ("A00.0",)})
    before = draft(code("A00.0"), code("B00.0"), conventions=circle)

    assert {one.code for one in sequenced(before).standing} == {"A00.0", "B00.0"}


def test_what_may_not_be_first_gives_way_to_the_next() -> None:
    """An external cause and a manifestation never are first, a status not for an inpatient."""
    edited = StatedConventions(
        edited={"Z79.4": Edits(never_principal=True),
                "H36": Edits(manifestation=True)}
    )  # fmt: skip

    assert not can_be_first("W01.0XXA", note(), edited)
    assert not can_be_first("H36", note(), edited)
    assert can_be_first("Z79.4", note(), edited)
    assert not can_be_first("Z79.4", note(inpatient=True), edited)
    before = draft(
        code("H36", 0.9, span(0, 5)), code("E11.9", 0.9, span(9, 12)), conventions=edited
    )
    assert [one.code for one in sequenced(before).standing] == ["E11.9", "H36"]


@pytest.mark.parametrize(("inpatient", "room"), [(False, 12), (True, 25)])
def test_a_claim_holds_so_many_diagnoses_and_says_what_it_has_no_room_for(
    room: int, *, inpatient: bool
) -> None:
    """Twelve on a professional claim, twenty-five on an institutional one."""
    codes = [code(f"{letter}{number}") for letter in "GHKL" for number in range(40, 50)]
    after = sequenced(draft(*codes, of=note(inpatient=inpatient)))

    assert len(after.standing) == room
    assert {drop.reason for drop in after.dropped} == {"more diagnoses than a claim holds"}
    assert len(after.dropped) == len(codes) - room
