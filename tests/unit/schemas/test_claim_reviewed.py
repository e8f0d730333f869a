"""Which of several reviews of one claim stands."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from schemas.claim_reviewed import ClaimReviewed, ReviewAction, standing_of
from tests.reviews import review_event

FIRST = review_event(reviewer="coder-1")
SECOND = review_event(reviewer="coder-2", action=ReviewAction.REJECT)


def test_a_second_review_that_does_not_know_of_the_first_does_not_overwrite_it() -> None:
    standing = standing_of([FIRST, SECOND])

    assert standing.review == FIRST
    assert standing.unheeded == (SECOND,)


def test_a_review_that_names_the_one_that_stands_replaces_it() -> None:
    knowing = review_event(reviewer="coder-2", replaces=FIRST)

    assert standing_of([FIRST, SECOND, knowing]).review == knowing
    assert standing_of([FIRST, SECOND, knowing]).unheeded == (SECOND,)


def test_a_review_of_what_was_replaced_meanwhile_does_not_count() -> None:
    knowing = review_event(reviewer="coder-2", replaces=FIRST)
    late = review_event(reviewer="coder-3", replaces=FIRST)

    assert standing_of([FIRST, knowing, late]).review == knowing


@given(st.lists(st.sampled_from([FIRST, SECOND]), max_size=8))
def test_a_repeat_changes_nothing(reviews: list[ClaimReviewed]) -> None:
    assert standing_of(reviews) == standing_of(dict.fromkeys(reviews))


def test_the_same_decision_is_the_same_event_and_another_one_is_not() -> None:
    """Sent again after an outage it is known by its id; who, what and after what all tell apart."""
    later = review_event(reviewed_at=FIRST.reviewed_at.replace(hour=20))
    others = {r.event_id for r in (FIRST, SECOND, review_event(replaces=SECOND))}

    assert later.event_id == FIRST.event_id
    assert len(others) == 3
    assert standing_of([FIRST, replace(later, reviewer="coder-1")]).unheeded == ()
