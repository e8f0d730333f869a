"""Search over all codes that can be submitted, as they are typed."""

import pytest

from clinical_coding.code_set import CodeSet
from ui.code_search import MOST, CodeSearch, code_search


@pytest.fixture(scope="module")
def search(code_set: CodeSet) -> CodeSearch:
    """Over the shipped release."""
    return code_search(code_set)


def _codes(search: CodeSearch, typed: str) -> list[str]:
    return [found.code for found in search.find(typed)]


def test_a_code_is_found_by_its_beginning_with_dot_or_without(search: CodeSearch) -> None:
    assert _codes(search, "e11.2") == _codes(search, " E112 ") == ["E11.21", "E11.22", "E11.29"]
    assert _codes(search, "i10") == ["I10"]


def test_a_header_gives_the_codes_below_it_that_can_be_submitted(
    search: CodeSearch, code_set: CodeSet
) -> None:
    found = _codes(search, "m54.5")

    assert found
    assert all(code.startswith("M54.5") and code_set.is_billable(code) for code in found)


def test_words_find_the_titles_that_have_them_all_begun_shortest_first(search: CodeSearch) -> None:
    found = search.find("kidney fail acu")

    assert "Acute kidney failure, unspecified" in {one.title for one in found[:2]}
    assert all("kidney" in one.title.lower() for one in found)


def test_a_title_that_begins_with_what_is_typed_comes_first(search: CodeSearch) -> None:
    assert _codes(search, "hypothyr")[0] == "E03.9"


def test_a_code_of_any_chapter_is_found_by_its_own_title(
    search: CodeSearch, code_set: CodeSet
) -> None:
    for code, title in list(code_set.billable())[::2500]:
        assert code in _codes(search, code)
        assert title in {one.title for one in search.find(title)}


@pytest.mark.parametrize("typed", ["", " ", "e", "qqqq", "--", "\x00"])
def test_too_little_or_nonsense_finds_nothing(search: CodeSearch, typed: str) -> None:
    assert search.find(typed) == []


def test_no_more_is_offered_than_can_be_read(search: CodeSearch) -> None:
    assert len(search.find("fracture")) == len(search.find("S")) + MOST
