"""How phrases are read out of the public sources, before they become the shipped terms."""

import gzip
from pathlib import Path

import pytest

from clinical_coding.code_set import CodeSet
from clinical_coding.note import IcdCode
from clinical_coding.term_table import Term, TermKind
from clinical_coding.words import content_words
from runtime.code_set_files import load_code_set
from training.alphabetic_index import index_terms
from training.checked_terms import checked, one_code_for_a_subtree
from training.drug_terms import drug_terms
from training.neoplasm_terms import neoplasm_terms
from training.own_terms import own_terms
from training.raw_terms import RawTerm

DRUGS = """<ICD10CM.index><letter><title>A</title>
<mainTerm><title>Acetaminophen</title><cell col="2">T39.1X1</cell><cell col="6">T39.1X5</cell>
<cell col="7">T39.1X6</cell></mainTerm>
<mainTerm><title>Alcohol<nemod>(any)</nemod></title><cell col="2">T51.9X1</cell><cell col="6">--</cell>
<term level="1"><title>beverage</title><cell col="2">T51.0X1</cell></term></mainTerm>
</letter></ICD10CM.index>"""
INDEX = """RowID,Letter,Level,Term,See,SeeAlso,NonEssModif,Code
1,A,0,"Abscess, abscesses",,,(acute) (chronic),L02.91
2,A,1,lung,,,,J85.2
3,A,2,with pneumonia,,,,J85.1
4,A,1,specified site NEC,,,,L02.818
5,A,0,"Tamponade, heart",,,,I31.4
6,A,0,Lung abscess,"Abscess, lung",,,
"""
NEOPLASMS = """<ICD10CM.index><letter><mainTerm><title>Neoplasm</title>
<term level="1"><title>colon, colonic NEC</title><cell col="2">C18.9</cell><cell col="5">D12.6</cell>
<term level="2"><title>ascending</title><cell col="2">C18.2</cell></term></term>
</mainTerm></letter></ICD10CM.index>"""


@pytest.fixture(scope="module")
def code_set() -> CodeSet:
    """The release that the product ships."""
    return load_code_set()


@pytest.fixture
def index(tmp_path: Path) -> dict[tuple[str, ...], str]:
    """The phrases of a small Alphabetic Index."""
    path = tmp_path / "index.csv.gz"
    path.write_bytes(gzip.compress(INDEX.encode()))
    return {tuple(sorted(content_words(t.phrase))): t.code for t in index_terms(path)}


def test_a_subterm_is_read_with_all_that_it_is_indented_below(
    index: dict[tuple[str, ...], str],
) -> None:
    assert index[("abscess", "lung")] == "J85.2"
    assert index[("abscess", "lung", "pneumonia", "with")] == "J85.1"
    assert index[("abscess", "lung", "pneumonia")] == "J85.1"


def test_words_in_brackets_may_be_said_or_not(index: dict[tuple[str, ...], str]) -> None:
    assert index[("abscess",)] == index[("abscess", "chronic")] == "L02.91"


def test_alternatives_share_a_stem_and_a_description_is_not_cut(
    index: dict[tuple[str, ...], str],
) -> None:
    """The line "Tamponade, heart" does not make every heart a tamponade."""
    assert ("heart",) not in index
    assert index[("heart", "tamponade")] == "I31.4"


def test_what_the_index_does_not_name_gets_no_phrase(index: dict[tuple[str, ...], str]) -> None:
    """A specified site, NEC, is one that no line names."""
    assert "L02.818" not in index.values()


def test_sites_of_the_neoplasm_table_become_cancers(tmp_path: Path) -> None:
    path = tmp_path / "neoplasm.xml.gz"
    path.write_bytes(gzip.compress(NEOPLASMS.encode()))
    named = {t.phrase: t.code for t in neoplasm_terms(path)}

    assert named["cancer colon"] == "C18.9"
    assert named["benign tumor colonic"] == "D12.6"
    assert any(code == "C18.2" and "ascending" in phrase for phrase, code in named.items())


def test_a_poisoning_leads_to_the_header_of_its_intents_an_adverse_effect_to_its_code(
    tmp_path: Path,
) -> None:
    """Guideline I.C.19.e.5: the note says the intent; table columns without a code give no phrase."""
    path = tmp_path / "drug.xml.gz"
    path.write_bytes(gzip.compress(DRUGS.encode()))
    named = {t.phrase: t.code for t in drug_terms(path)}

    assert named["Acetaminophen overdose"] == "T39.1X"
    assert named["Acetaminophen adverse effect"] == "T39.1X5"
    assert named["Acetaminophen underdosing"] == "T39.1X6"
    assert named["Alcohol beverage intoxication"] == "T51.0X"


def test_codes_that_left_the_code_set_and_words_that_say_nothing_are_no_terms(
    code_set: CodeSet,
) -> None:
    """A dash is completed by the note's words, so it leads to the header."""
    raw = [
        RawTerm("knee pain", "M25.56-", TermKind.INDEX),
        RawTerm("gone disease", "E66.2-gone", TermKind.INDEX),
        RawTerm("disease", "R69", TermKind.INDEX),
    ]

    assert [term.code for _, term in checked(raw, code_set)] == ["M25.56"]


def test_a_header_and_the_leaf_it_defaults_to_are_one_reading(code_set: CodeSet) -> None:
    terms = [
        ("gerd", Term(code=IcdCode(code), kind=TermKind.INDEX))
        for code in ("K21", "K21.9", "K21.00")
    ]

    assert {t.code for _, t in one_code_for_a_subtree(terms, code_set)} == {"K21", "K21.00"}


def test_every_term_of_our_own_list_is_of_the_shipped_code_set(code_set: CodeSet) -> None:
    assert [t for t in own_terms() if t.code not in code_set] == []
