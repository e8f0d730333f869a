"""What the compiler reads beside the tabular list: a note's wording, edits, payment categories."""

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from clinical_coding.code_edits import Edits
from clinical_coding.code_notes import CodeRange
from clinical_coding.code_set import CodeSet
from clinical_coding.note import Sex
from runtime.code_set_files import load_code_set
from training.category_order import CategoryOrder
from training.edit_tables import edits_of
from training.note_references import references
from training.payment_categories import payment_categories


@pytest.fixture(scope="module")
def code_set() -> CodeSet:
    """The shipped release without what is tabulated of it."""
    return replace(load_code_set(), edits_of={}, hcc_of={})


@pytest.mark.parametrize(
    ("note", "named"),
    [
        ("type 2 diabetes mellitus (E11.-)", "E11"),
        ("gestational diabetes (O24.4-)", "O24.4"),
        ("complicating pregnancy (O10-O11, O13-O16)", "O10-O11 O13-O16"),
        ("fractures (S12.0--S12.9, T08-)", "S12.0-S12.9 T08"),
        ("cystitis (N30.-) or prostatitis (N41.0)", "N30 N41.0"),
        ("jaw pain R68.84", "R68.84"),
        ("neurodevelopmental disorder (QA0.0-)", "QA0.0"),
        ("code from category O08 to identify any complication", "O08"),
        ("specified in S06.1- to S06.6-, and S06.81- to S06.89-", "S06.1-S06.6 S06.81-S06.89"),
        ("code (B95-B97) to identify infectious agent, such as:", "B95-B97"),
        ("drug (T36-T50 with fifth or sixth character 5)", "T36-T50~.[5](X.*)?|..[5].*"),
        ("diabetic angiopathy (E08-E13 with .51-.52)", "E08-E13~51.*|52.*"),
        ("open fracture (S42.- with 7th character B or C)", "S42~...[BC].*"),
        ("fluency disorder (I69. with final characters -23)", "I69~.*23"),
        # what names no codes
        ("certain localized infections - see body system-related chapters", ""),
        ("code, if applicable, for codes G31.0-G31.83, to identify:", ""),
        ("see categories E08-E10, E11, E13 with ketoacidosis", ""),
        ("glucose-6-phosphate dehydrogenase (G6PD) deficiency", ""),
        ("", ""),
    ],
)
def test_a_note_names_the_codes_in_its_brackets(note: str, named: str) -> None:
    """Dashes, ranges, lists, conditions on characters; and no more than it says."""
    assert " ".join(references(note)) == named


def test_a_range_of_the_tabular_list_is_read_in_its_order() -> None:
    """C7A stands between C75 and C76 and M1A before M10, whatever their letters say."""
    order = CategoryOrder(["C75", "C7A", "C76", "C79", "C80", "M05", "M1A", "M10", "M14", "M15"])

    assert order.sorted_ranges(CodeRange("C76-C80")) == ("C76-C79", "C80")
    assert order.sorted_ranges(CodeRange("C76.1-C80")) == ("C76.1-C79", "C80")
    assert order.sorted_ranges(CodeRange("M05-M14")) == ("M05-M14", "M1A")
    assert order.sorted_ranges(CodeRange("M10-M14~.[1].*")) == ("M10-M14~.[1].*",)
    assert order.sorted_ranges(CodeRange("M10.1-M10.3")) == ("M10.1-M10.3",)
    assert order.sorted_ranges(CodeRange("A00-B99")) == ("A00-B99",)


def test_edits_come_from_the_editor_where_the_code_still_is_and_from_its_place(
    code_set: CodeSet, tmp_path: Path
) -> None:
    """Gone codes are left out, a divided code hands its edit down, procedures are no codes."""
    editor = tmp_path / "mce.txt.gz"
    rows = [
        "MCE_Edit_Type\tICD_Code_Type\tICD_Code",
        "Male_Only\tD\tN400", "Adult_Only\tD\tN400", "Pediatric_Only\tD\tN400",
        "Female_Only\tD\tN801",  # divided since
        "Female_Only\tD\tQ9999",  # gone
        "Male_Only\tP\tR079",
        "Principal_Unacceptable\tD\tZ794",
    ]  # fmt: skip
    editor.write_bytes(gzip.compress("\n".join(rows).encode()))

    edits = edits_of(code_set, editor)

    assert edits["N40.0"] == Edits(sex=Sex.MALE, ages=(15, 17))
    assert edits["N80.101"] == Edits(sex=Sex.FEMALE)
    assert edits["Z79.4"] == Edits(never_principal=True)
    assert edits["O80"] == Edits(sex=Sex.FEMALE, ages=(9, 64))
    assert edits["W01.0XXA"] == Edits(never_principal=True)
    assert edits["F02.B11"] == Edits(manifestation=True)
    assert not {"N80.1", "Q99.99", "R07.9", "E11.9"} & set(edits)


def test_a_code_in_two_payment_categories_has_both_in_the_order_of_their_numbers(
    code_set: CodeSet, tmp_path: Path
) -> None:
    """Of the V28 model, and only where the code is billable."""
    table = tmp_path / "ra_dx_to_cc_2027.csv"
    rows = [
        "diagnosis_code,cc,model_name",
        "E1152,263,CMS-HCC Model V28", "E1152,37,CMS-HCC Model V28",
        "E119,38,CMS-HCC Model V28", "E119,19,CMS-HCC Model V22",
        "G35,198,CMS-HCC Model V28",  # a header since
    ]  # fmt: skip
    table.write_text("\n".join(rows))

    assert payment_categories(code_set, table) == {"E11.52": "37,263", "E11.9": "38"}
