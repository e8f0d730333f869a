"""A plan of faults follows from its seed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.plan import AT_ONCE, DECK, Kind, plan_of

seeds = st.integers(0, 2**32)


@given(seed=seeds, faults=st.integers(0, 60))
def test_the_same_seed_makes_the_same_plan(seed: int, faults: int) -> None:
    assert plan_of(seed, faults, 2000) == plan_of(seed, faults, 2000)


@given(seed=seeds)
def test_every_fault_appears_in_a_long_plan(seed: int) -> None:
    """A deck is dealt to its end before a card comes again."""
    dealt = [(fault.kind, fault.target) for fault in plan_of(seed, len(DECK), 20_000).faults]

    assert sorted(dealt) == sorted(DECK)


@given(seed=seeds, faults=st.integers(1, 40))
def test_faults_come_one_after_another_while_notes_are_published(seed: int, faults: int) -> None:
    """Notes flow before the first and after the last, so that each fault meets work."""
    at = [fault.at_note for fault in plan_of(seed, faults, 1000).faults]

    assert at == sorted(set(at))
    assert at[0] > 50
    assert at[-1] <= 900


@given(seed=seeds)
def test_only_a_fault_that_is_over_at_once_lasts_no_time(seed: int) -> None:
    assert all((f.for_s == 0) == (f.kind in AT_ONCE) for f in plan_of(seed, 60, 20_000).faults)


def test_seeds_make_different_plans() -> None:
    assert len({plan_of(seed, 10, 1000).faults for seed in range(20)}) == 20


def test_a_note_on_which_the_model_acts_is_the_last_before_its_fault() -> None:
    """The fault is due once that note is acknowledged: a marked note is on its way then."""
    plan = plan_of(3, len(DECK), 20_000)
    marked = {Kind.RAISES, Kind.DELAYS, Kind.MID_BATCH}

    assert set(plan.marks()) == {f.at_note - 1 for f in plan.faults if f.kind in marked}


def test_too_few_notes_for_the_faults_are_refused() -> None:
    with pytest.raises(ValueError, match="three notes"):
        plan_of(1, 30, 60)
