"""Instructional notes: what may not stand together, what stands first, and for whom a code is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical_coding.code_notes import CodeRange, NoteKind, covered, covers
from clinical_coding.code_set import CodeSet
from clinical_coding.note import Sex
from runtime.code_set_files import load_code_set

SHIPPED = load_code_set()
LEAVES = tuple(code for code, _ in SHIPPED.billable())
leaves = st.sampled_from(LEAVES)
owners = st.sampled_from([o for o, of in SHIPPED.notes.named[NoteKind.EXCLUDES1].items() if of])


@pytest.mark.parametrize(
    ("one", "other", "note"),
    [
        ("E10.9", "E11.9", "at E10: type 2 diabetes mellitus (E11.-)"),
        ("E11.65", "R73.9", "at R73.9: diabetes mellitus (E08-E13)"),
        ("E11.9", "O24.419", "at E11: gestational diabetes (O24.4-)"),
        ("M54.50", "M54.41", "at M54.5: lumbago with sciatica (M54.4-)"),
        ("J18.9", "J84.9", "at J18: interstitial pneumonia NOS (J84.9)"),
        ("I10", "O10.02", "at I10: complicating pregnancy (O10-O11, O13-O16)"),
        ("I12.9", "I15.0", "at I12: renovascular hypertension (I15.0)"),
        ("K74.60", "R17", "at the block K70-K77: jaundice NOS (R17)"),
        ("E03.9", "P72.2", "at chapter 4: disorders specific to newborn (P70-P74)"),
        ("C79.51", "C7B.03", "at C79.51: secondary carcinoid tumors of bone (C7B.03)"),
        ("R41.3", "F10.26", "at R41.3: substance use (F10-F19 with 5th character .6)"),
        ("R27.0", "I69.393", "at R27.0: cerebrovascular disease (I69. with final characters -93)"),
    ],
)
def test_an_excludes1_note_keeps_codes_apart_whichever_comes_first(
    code_set: CodeSet, one: str, other: str, note: str
) -> None:
    assert code_set.excludes1(one, other), note
    assert code_set.excludes1(other, one), note


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I10", "I11.0"),  # no note: I.C.9.a says it
        ("J44.9", "J43.9"),  # Excludes2
        ("E11.22", "N18.31"),
        ("E11.9", "E11.65"),
        ("R41.3", "F10.20"),  # another fifth character
        ("A41.9", "R65.20"),
        (
            "E87.20",
            "E11.10",
        ),  # "categories E08-E10, E11, E13 with ketoacidosis" names no characters
    ],
)
def test_codes_that_no_excludes1_note_names_may_stand_together(
    code_set: CodeSet, one: str, other: str
) -> None:
    assert not code_set.excludes1(one, other)


@given(leaves, leaves)
def test_excludes1_is_symmetric_and_keeps_no_code_from_itself(one: str, other: str) -> None:
    assert SHIPPED.excludes1(one, other) == SHIPPED.excludes1(other, one)
    assert not SHIPPED.excludes1(one, one)


@settings(deadline=None, max_examples=40)
@given(owners, st.data())
def test_a_note_holds_for_every_code_below_its_header(owner: str, data: st.DataObject) -> None:
    """Whatever leaf is below the header, whatever leaf it names: unless it names both."""
    notes = SHIPPED.notes
    where = notes.groups.get(owner, (CodeRange(owner),))
    below = [code for code in LEAVES if covered(code, where)]
    named = notes.named[NoteKind.EXCLUDES1][owner]
    code = data.draw(st.sampled_from(below))
    other = data.draw(st.sampled_from([leaf for leaf in LEAVES if covered(leaf, named)]))

    assert SHIPPED.excludes1(code, other) or covered(code, named)


def test_excludes2_says_that_both_may_be_reported(code_set: CodeSet) -> None:
    assert code_set.excludes2("J44.9", "J43.9")
    assert not code_set.excludes2("E10.9", "E11.9")


def test_code_first_names_the_underlying_conditions(code_set: CodeSet) -> None:
    """N18 is behind the diabetic and the hypertensive disease, inherited by its leaves."""
    named = code_set.code_first("N18.31")

    assert covered("E11.22", named)
    assert covered("I13.0", named)
    assert not covered("E11.9", named)
    assert code_set.notes.has_code_first("N18.31")
    assert not code_set.notes.has_code_first("E11.22")


def test_use_additional_code_names_what_stands_behind(code_set: CodeSet) -> None:
    assert covered("Z79.4", code_set.use_additional("E11.22"))
    assert covered("I50.22", code_set.use_additional("I11.0"))
    assert code_set.use_additional("R07.9") == ()


@pytest.mark.parametrize(
    ("code_range", "inside", "outside"),
    [
        ("E11", ("E11", "E11.9"), ("E10.9", "E12")),
        ("T80-T88.6", ("T80.0XXA", "T88.6XXA"), ("T88.7XXA", "T79.0XXA")),
        ("E08-E13~51.*|52.*", ("E11.51", "E08.52"), ("E11.9", "E14.51")),
        (
            "T36-T50~.[5](X.*)?|..[5].*",
            ("T36.0X5A", "T50.995A", "T36.95XA"),
            ("T36.0X1A", "T50.Z91A"),
        ),
        ("I69~.*23", ("I69.023",), ("I69.01", "I69.230")),
    ],
)
def test_a_range_covers_what_it_says(
    code_range: CodeRange, inside: tuple[str, ...], outside: tuple[str, ...]
) -> None:
    assert all(covers(code_range, code) for code in inside)
    assert not any(covers(code_range, code) for code in outside)


def test_a_block_holds_what_the_tabular_list_puts_there(code_set: CodeSet) -> None:
    """Not what sorts between its ends: C7A stands before C76, M1A before M10."""
    notes = code_set.notes

    assert notes.block("E11.9") == "E08-E13"
    assert notes.block("C7A.00") == "C7A"
    assert notes.block("C79.51") == "C76-C80"
    assert notes.block("M1A.00X0") == "M05-M14"
    assert notes.block("nonsense") is None


def test_what_a_header_includes_holds_below_it(code_set: CodeSet) -> None:
    assert "diabetes NOS" in code_set.notes.includes("E11.9")


@pytest.mark.parametrize(
    ("code", "sex", "ages", "may_be_first"),
    [
        ("N40.0", Sex.MALE, (15, 124), True),
        ("O35.00X0", Sex.FEMALE, (9, 64), True),  # newer than the editor's tables
        ("Z38.00", None, (0, 0), True),
        ("F02.80", None, None, False),
        ("F02.B11", None, None, False),  # newer: by its title
        ("B96.20", None, None, False),
        ("V43.52XA", None, None, False),
        ("E11.9", None, None, True),
    ],
)
def test_a_code_has_the_edits_of_the_medicare_code_editor(
    code_set: CodeSet,
    code: str,
    sex: Sex | None,
    ages: tuple[int, int] | None,
    *,
    may_be_first: bool,
) -> None:
    edits = code_set.edits(code)

    assert (edits.sex, edits.ages, edits.may_be_first) == (sex, ages, may_be_first)


def test_an_unknown_patient_suits_every_edit(code_set: CodeSet) -> None:
    """Nobody's claim is refused for what the note does not tell."""
    edits = code_set.edits("O80")

    assert edits.suits_age(None)
    assert edits.suits_age(30)
    assert not edits.suits_age(70)
    assert edits.suits_sex(Sex.UNKNOWN)
    assert edits.suits_sex(Sex.OTHER)
    assert not edits.suits_sex(Sex.MALE)


def test_payment_categories_are_those_of_v28(code_set: CodeSet) -> None:
    """Two where a combination code is in two, none for what is not paid for."""
    assert code_set.hcc("E11.22") == "37"
    assert code_set.hcc("E11.52") == "37,263"
    assert code_set.hcc("I10") is None
