"""A release from the official files: codes, titles, notes, and the days it is in force."""

from datetime import date
from pathlib import Path

import pytest

from clinical_coding.code_notes import NoteKind
from clinical_coding.code_set import CodeSet, code_set_for
from clinical_coding.errors import SettingsError
from tests.official_files import TABULAR, write_release
from training.official_release import compile_official, in_force, official_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small release as it is unpacked."""
    write_release(tmp_path)
    return tmp_path


@pytest.fixture
def release(folder: Path) -> CodeSet:
    """The same, compiled."""
    return compile_official("FY2027", official_files(folder))


def test_the_order_file_says_which_codes_there_are_and_which_are_complete(
    release: CodeSet,
) -> None:
    """Left eye is in the tabular list and not in the order file: the release has no such code."""
    assert [code for code, _ in release.billable()] == [
        "E10.3XX1", "E10.9", "E16.9", "E1A", "W01.XXXA", "W01.XXXD",
    ]  # fmt: skip
    assert "E10.3XX2" not in release
    assert not release.is_billable("E10")


def test_titles_are_those_of_the_tabular_list_with_the_seventh_character(release: CodeSet) -> None:
    """On one line; where the list has no entry, the order file's."""
    assert release.title("E10.3XX1") == "Sweet eye, right eye"
    assert release.title("E10.9") == "Sweet disease, unspecified"
    assert release.title("W01.XXXD") == "Fall, subsequent encounter"
    assert release.entry("W01.XXXD").chapter == 20


def test_notes_hold_below_the_header_block_and_chapter_that_they_stand_at(release: CodeSet) -> None:
    assert release.excludes1("E10.9", "E16.9")
    assert release.excludes1("W01.XXXA", "E1A")  # at the chapter
    assert not release.excludes1("E1A", "E16.9")
    assert release.use_additional("E10.3XX1") == ("E16",)
    assert release.code_first("E10.3XX1") == ("W01",)
    assert release.notes.has_code_first("E10.3XX1")
    assert release.notes.includes("E10.9") == ("sweetness NOS",)
    assert release.notes.block("E1A") == "E10-E16"  # although it sorts behind E16
    assert set(release.notes.named) == set(NoteKind)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("FY2027", date(2026, 10, 1), date(2027, 9, 30)),
        ("FY2027-April", date(2027, 4, 1), date(2027, 9, 30)),
    ],
)
def test_a_release_is_in_force_in_its_fiscal_year(name: str, first: date, last: date) -> None:
    assert in_force(name) == (first, last)


def test_an_april_update_takes_the_place_of_its_year(folder: Path) -> None:
    year, update = (
        compile_official(name, official_files(folder)) for name in ("FY2027", "FY2027-April")
    )

    assert code_set_for(date(2027, 3, 31), (year, update)) is year
    assert code_set_for(date(2027, 4, 1), (year, update)) is update
    assert code_set_for(date(2027, 10, 1), (year, update)) is None


@pytest.mark.parametrize("name", ["2027", "FY27", "FY2027-October", ""])
def test_another_name_for_a_release_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="such as FY2027 or FY2027-April; got"):
        in_force(name)


def test_a_folder_without_one_of_each_file_is_refused(folder: Path) -> None:
    """None, or two years in one folder."""
    (folder / "icd10cm_tabular_2026.xml").write_text(TABULAR)
    with pytest.raises(SettingsError, match=r"icd10cm_tabular_YYYY.xml in .*; got 2; unpack"):
        official_files(folder)

    for path in folder.rglob("*order*"):
        path.unlink()
    with pytest.raises(SettingsError, match=r"icd10cm_order_YYYY.txt in .*; got 0; unpack"):
        official_files(folder)


@pytest.mark.parametrize("content", ["", "A00 Cholera\n", "00001,A00,0,Cholera,Cholera\n"])
def test_an_order_file_of_other_columns_is_refused(folder: Path, content: str) -> None:
    found = official_files(folder)
    found.order.write_text(content)

    with pytest.raises(SettingsError, match="fixed columns of an ICD-10-CM order file"):
        compile_official("FY2027", found)


@pytest.mark.parametrize("content", ["", "<html>", "<ICD10CM.tabular/>"])
def test_a_tabular_list_that_is_none_is_refused(folder: Path, content: str) -> None:
    found = official_files(folder)
    found.tabular.write_text(content)

    with pytest.raises(SettingsError, match="tabular list of ICD-10-CM"):
        compile_official("FY2027", found)
