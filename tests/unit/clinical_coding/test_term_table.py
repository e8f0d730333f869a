"""Phrases are found as a slow reader would find them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.code_set import CodeSet
from clinical_coding.errors import ModelBundleError
from clinical_coding.note import IcdCode
from clinical_coding.term_table import Term, TermKind, TermTable, build_term_table
from runtime.term_table_files import load_term_table, save_term_table
from tests.strategies import few_words

PHRASES = (
    "chest pain",
    "pain in the left knee",
    "knee pain",
    "fever",
    "acute renal fever",
    "pain and fever",
)
TABLE = build_term_table(
    "test",
    [
        (phrase, Term(code=IcdCode(f"A{at:02}"), kind=TermKind.TITLE))
        for at, phrase in enumerate(PHRASES)
    ],
    PHRASES,
)


def _found(
    table: TermTable, words: Sequence[str], blocks: Sequence[int]
) -> set[tuple[int, int, str]]:
    return {
        (hit.first, hit.last, next(iter(table.terms_of(hit.phrase))).code)
        for hit in table.find(words, blocks)
    }


@given(st.lists(st.booleans(), min_size=len(PHRASES), max_size=len(PHRASES)).filter(any))
def test_a_table_with_phrases_hidden_finds_the_others_as_before(kept: list[bool]) -> None:
    words = [
        "chest",
        "pain",
        "knee",
        "pain",
        "fever",
        "acute",
        "renal",
        "fever",
        "pain",
        "and",
        "fever",
    ]
    blocks = [0] * len(words)
    hidden = TABLE.only(np.array(kept))
    stays = {
        term.code
        for phrase, is_kept in enumerate(kept)
        if is_kept
        for term in TABLE.terms_of(phrase)
    }

    assert _found(hidden, words, blocks) == {
        hit for hit in _found(TABLE, words, blocks) if hit[2] in stays
    }


@given(few_words, st.data())
def test_find_equals_looking_at_every_window(words: list[str], data: st.DataObject) -> None:
    """The lookup by sums finds the windows whose words are a phrase's, in any order, and no others."""
    breaks = data.draw(st.lists(st.integers(0, 1), min_size=len(words), max_size=len(words)))
    blocks = [sum(breaks[: at + 1]) for at in range(len(words))]
    named = {
        tuple(sorted(p.replace("in the ", "").split())): f"A{at:02}" for at, p in enumerate(PHRASES)
    }
    slow = {
        (first, last, named[tuple(sorted(words[first:last]))])
        for first in range(len(words))
        for last in range(first + 1, len(words) + 1)
        if tuple(sorted(words[first:last])) in named and blocks[first] == blocks[last - 1]
    }

    assert _found(TABLE, words, blocks) == slow


def test_no_words_and_unknown_words_find_nothing() -> None:
    assert _found(TABLE, [], []) == set()
    assert _found(TABLE, ["qwertz"] * 50, [0] * 50) == set()


def test_a_misspelt_word_is_read_where_it_can_be_one_word_only() -> None:
    table = build_term_table(
        "test",
        [("pneumonia", Term(code=IcdCode("J18.9"), kind=TermKind.TITLE))],
        ["pneumonia", "marker", "market"],
    )

    assert table.respelt("pnuemonia") == "pneumonia"
    assert table.respelt("pneumonnia") == "pneumonia"
    assert table.respelt("marked") is None  # a letter away from two words
    assert table.respelt("pneumothorax") is None


def test_every_shipped_term_leads_to_a_billable_leaf(terms: TermTable, code_set: CodeSet) -> None:
    assert all(code_set.billable_under(code) for code in terms.codes)
    assert len(set(terms.sums.tolist())) == len(terms)


def test_a_table_that_is_saved_and_loaded_finds_the_same(tmp_path: Path) -> None:
    path = tmp_path / "terms.npz"
    save_term_table(TABLE, "FY-test", {"source": "test"}, path)
    loaded = load_term_table("FY-test", path)
    words = ["chest", "pain", "and", "fever"]

    assert _found(loaded, words, [0] * 4) == _found(TABLE, words, [0] * 4)
    assert len(loaded) == len(TABLE)


def test_terms_of_another_release_or_damaged_ones_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "terms.npz"
    save_term_table(TABLE, "FY-test", {"source": "test"}, path)
    with pytest.raises(ModelBundleError, match="FY-other"):
        load_term_table("FY-other", path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ModelBundleError, match="BadZipFile"):
        load_term_table("FY-test", path)


def test_the_same_table_is_written_to_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        save_term_table(TABLE, "FY-test", {"source": "test"}, tmp_path / name)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
