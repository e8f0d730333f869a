"""The tables of conditions against the code set in force, and the rules of what stands together."""

from typing import get_args

import pytest

from clinical_coding.code_set import CodeSet
from clinical_coding.note import Sex
from producers.synthetic import LAST_DAY
from producers.synthetic.companions import LONG_TERM, NEEDS
from producers.synthetic.conditions import Kind, conditions
from runtime.code_set_files import load_code_set

CHAPTERS = 22


@pytest.fixture(scope="module")
def code_set() -> CodeSet:
    return load_code_set()


def test_every_code_of_the_tables_is_billable_on_the_last_day(code_set: CodeSet) -> None:
    codes = {code for condition in conditions() for code in condition.codes}
    drugs = {status for _, _, status in LONG_TERM}

    assert code_set.is_in_force(LAST_DAY)
    assert [code for code in sorted(codes | drugs) if not code_set.is_billable(code)] == []


def test_the_tables_have_hundreds_of_codes_of_every_chapter(code_set: CodeSet) -> None:
    codes = {code for condition in conditions() for code in condition.codes}

    assert len(codes) >= 360
    assert {code_set.entry(code).chapter for code in codes} == set(range(1, CHAPTERS + 1))


def test_a_row_says_what_a_story_can_use() -> None:
    for row in conditions():
        assert row.kind in get_args(Kind), row.codes
        assert row.settings
        assert set(row.settings) <= set("AEI"), row.codes
        assert 0 <= row.ages[0] <= row.ages[1] <= 100
        assert all(name == name.strip() and name for name in (*row.names, *row.says, *row.plans))
        assert len(set(row.names)) == len(row.names), row.codes


def test_a_name_means_one_set_of_codes() -> None:
    """Else two stories with the same words would have different codes."""
    meanings: dict[str, set[tuple[str, ...]]] = {}
    for row in conditions():
        for name in row.names:
            meanings.setdefault(name.lower(), set()).add(row.codes)

    assert {name: codes for name, codes in meanings.items() if len(codes) > 1} == {}


def test_conditions_of_one_sex_are_told_of_that_sex_only() -> None:
    women, men = (
        ("O", "N7", "N8", "N9", "C53", "C54", "C56", "Z34"),
        ("N40", "N41", "C61", "Z85.46"),
    )

    for row in conditions():
        if row.is_of(women):
            assert row.sex is Sex.FEMALE, row.codes
        if row.is_of(men):
            assert row.sex is Sex.MALE, row.codes


def test_injuries_heal_or_are_initial_encounters_and_newborn_codes_are_of_the_first_year() -> None:
    for row in conditions():
        healing = all("heal" in name for name in row.names)
        for code in row.codes:
            if code.startswith(("S", "T", "V", "W")):
                assert code.endswith("D" if healing else "A"), row.codes
        if row.is_of(("P",)):
            assert row.ages == (0, 0)


def test_wordings_held_out_are_never_trained_on() -> None:
    several = [row for row in conditions() if len(row.names) > 1]

    assert len(several) > 0.9 * len(conditions())
    for row in several:
        assert not set(row.names_for("train")) & set(row.names_for("held-out"))
        assert set(row.names) <= set(row.names_for("all"))


def test_a_name_that_says_a_side_is_written_in_each_order() -> None:
    forms = {form for row in conditions() for form in row.names_for("all")}

    assert {"right knee sprain", "knee sprain, right", "sprain of the right knee"} <= forms
    assert {"right hip osteoarthritis", "osteoarthritis, right hip"} <= forms


def test_hypertension_stands_alone_only_without_kidney_disease_or_heart_failure() -> None:
    by_code = {str(row.codes[0]): row for row in conditions()}

    for other in ("I11.0", "I12.9", "N18.9", "E11.22"):
        assert by_code["I10"].conflicts(by_code[other])
    assert by_code["E11.9"].conflicts(by_code["I73.9"])  # "with": E11.51
    assert not by_code["I10"].conflicts(by_code["E11.9"])


def test_what_a_status_needs_is_in_the_tables() -> None:
    for status, needed in NEEDS.items():
        assert any(row.is_of(needed) for row in conditions()), status
