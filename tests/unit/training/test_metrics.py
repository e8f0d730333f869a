"""Figures of an evaluation against counting by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.claim import Profile
from clinical_coding.note import IcdCode
from tests.coded import CODE_SET, CODES, coded
from training.coded_notes import CodedNote, opened
from training.figures import Figures
from training.metrics import Tally, Yardstick, measure


def figures(*notes: CodedNote, review: float = 0.5, seen: str | None = None) -> Figures:
    learnt = None if seen is None else frozenset(map(IcdCode, seen.split()))
    by = Yardstick(code_set=CODE_SET, review=review, seen=learnt)
    return measure(notes, Profile.CLAIM, by).figures


def test_figures_of_two_notes_are_those_counted_by_hand() -> None:
    """Three codes reported, two right, four gold; one of two first codes right."""
    found = figures(
        coded("I10 R05.9", "I10 E11.9", submit="I10", candidates="I10 R05.9 E11.9"),
        coded("M54.51", "M54.50 M54.51", candidates="M54.51"),
    )

    assert (found.notes, found.codes_a_note, found.gold_a_note) == (2, 1.5, 2)
    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == pytest.approx(2 / 4)
    assert found.f1 == pytest.approx(4 / 7)
    assert found.macro_f1 == pytest.approx((1 + 0 + 0 + 0 + 1) / 5)
    assert found.f1_categories == pytest.approx(2 * 2 / (3 + 3))  # I10, R05, M54; I10, E11, M54
    assert found.submit_precision == 1
    assert found.submit_share == pytest.approx(1 / 3)
    assert found.first_listed == 0.5
    assert found.candidate_recall == pytest.approx(3 / 4)
    assert found.candidates_a_note == 2
    assert found.recall_at_5 == pytest.approx(3 / 4)
    assert found.mean_average_precision == pytest.approx(((1 / 1 + 2 / 3) / 2 + (1 / 1) / 2) / 2)


def test_no_notes_have_figures_of_zero() -> None:
    assert figures().f1 == 0
    assert figures().mean_average_precision == 0


def test_a_gold_header_counts_as_found_by_a_code_below_it_in_the_open_figures_alone() -> None:
    """M54.5 was billable once and is a header today; the engine answers leaves only."""
    found = figures(coded("M54.51", "M54.5", submit="M54.51", candidates="M54.51"))

    assert (found.precision, found.recall, found.f1) == (0, 0, 0)
    assert (found.precision_headers_open, found.recall_headers_open) == (1, 1)
    assert found.f1_headers_open == 1
    assert (found.submit_precision, found.submit_precision_headers_open) == (0, 1)
    assert (found.candidate_recall, found.candidate_recall_headers_open) == (0, 1)
    assert found.mean_average_precision == 1


def test_two_codes_below_one_gold_header_are_one_hit() -> None:
    found = figures(coded("M54.50 M54.51", "M54.5", candidates="M54.50 M54.51"))

    assert found.f1_headers_open == pytest.approx(2 / 3)
    assert found.recall_at_5 == 1


def test_calibration_is_told_of_what_is_shown_of_what_reaches_the_bar_and_of_all_candidates() -> (
    None
):
    """Shown 0.9, right; at the bar of 0.6 also 0.7, wrong; of all from 0.05 up also 0.2, right."""
    likely = {"I10": 0.9, "R05.9": 0.7, "E11.9": 0.2, "M54.50": 0.04}
    found = figures(coded("I10", "I10 E11.9", candidates=likely), review=0.6)

    assert found.calibration_error_reported == pytest.approx(0.1)
    assert found.calibration_error_review == pytest.approx((0.1 + 0.7) / 2)
    assert found.calibration_error_candidates == pytest.approx((0.1 + 0.7 + 0.8) / 3)


def test_recall_on_codes_that_no_learnt_note_had_is_counted_apart() -> None:
    """I10 was learnt, M54.5 by a code below it; E11.9 and R05.9 are new, one of them is found."""
    found = figures(coded("I10 R05.9", "I10 M54.5 E11.9 R05.9"), seen="I10 M54.50")

    assert found.gold_unseen == pytest.approx(2 / 4)
    assert found.recall_unseen == pytest.approx(1 / 2)


def test_where_nothing_was_learnt_or_submitted_there_is_no_figure_for_it() -> None:
    found = figures(coded("I10", "I10"))

    assert (found.gold_unseen, found.recall_unseen, found.submit_precision) == (None, None, None)


@given(st.sets(st.sampled_from(CODES)), st.sets(st.sampled_from(CODES)))
def test_opening_headers_never_changes_how_many_codes_are_gold(
    gold: set[str], predicted: set[str]
) -> None:
    billable = {code for code in predicted if CODE_SET.is_billable(code)}

    assert len(opened(gold, billable, CODE_SET)) <= len(gold)
    assert {code for code in gold if CODE_SET.is_billable(code)} <= opened(gold, billable, CODE_SET)


@given(st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9)))
def test_f1_is_the_harmonic_mean(predicted: set[int], gold: set[int]) -> None:
    tally = Tally()
    tally.add({str(n) for n in predicted}, {str(n) for n in gold})

    if tally.hits:
        slow = 2 / (1 / tally.precision + 1 / tally.recall)
        assert tally.f1 == pytest.approx(slow)
    else:
        assert tally.f1 == 0
