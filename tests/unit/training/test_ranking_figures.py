"""Figures of an order against counting by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.ranking_figures import RankTally, average_precision

CODES = [f"A{number:02}" for number in range(12)]


def test_average_precision_of_ranks_1_and_4_of_three_gold_codes_is_a_half() -> None:
    """One right of one, two right of four, and one code that was not ranked."""
    assert average_precision([4, 1], 3) == pytest.approx((1 / 1 + 2 / 4 + 0) / 3)


def test_recall_counts_gold_codes_of_all_notes_and_map_counts_notes_alike() -> None:
    tally = RankTally()
    tally.add(["A00", "A01", "A02"], {"A02"})
    tally.add(["A00"], {"A00", "A05", "A06"})

    assert tally.recall_at(1) == pytest.approx(1 / 4)
    assert tally.recall_at(3) == tally.recall == pytest.approx(2 / 4)
    assert tally.mean_average_precision == pytest.approx((1 / 3 + 1 / 3) / 2)
    assert tally.candidates == 4


def test_a_note_without_gold_codes_has_no_average_precision() -> None:
    tally = RankTally()
    tally.add(["A00"], set())

    assert (tally.notes, tally.mean_average_precision, tally.recall) == (0, 0, 0)


@given(st.permutations(CODES), st.sets(st.sampled_from(CODES), min_size=1))
def test_recall_at_a_depth_is_the_share_of_gold_codes_in_the_front_of_the_list(
    ranked: list[str], gold: set[str]
) -> None:
    tally = RankTally()
    tally.add(ranked[:8], gold)

    for depth in range(1, 13):
        assert tally.recall_at(depth) == pytest.approx(
            len(gold & set(ranked[:8][:depth])) / len(gold)
        )
    assert 0 <= tally.mean_average_precision <= tally.recall
