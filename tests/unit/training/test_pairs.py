"""Which candidates count as right when the ranker is fitted."""

from clinical_coding.note import IcdCode
from runtime.code_set_files import load_code_set
from training.pairs import are_gold


def test_a_candidate_is_right_if_it_is_gold_or_below_a_gold_header() -> None:
    """M54.5 is a header since 2021; labels from before it name M54.50's pain."""
    codes = [IcdCode(code) for code in ("M54.50", "M54.2", "I10", "E11.9", "E11.65")]

    gold = are_gold(codes, [IcdCode("M54.5"), IcdCode("E11.9")], load_code_set())

    assert gold == [True, False, False, True, False]
