"""The worklist: who waits, in which order, and what reviews do to it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.claim import Band, Diagnosis
from schemas.claim_coded import ClaimCoded
from schemas.claim_reviewed import ReviewAction
from tests.claims import CODED_AT, claim_event
from tests.reviews import REVIEWED_AT, review_event
from ui.agreement import agreement
from ui.worklist import DAY_WORTH, HCC_WEIGHT, Worklist, reviewed_on, urgency, value


def _code(probability: float, *, hcc: str | None = None, band: Band = Band.REVIEW) -> Diagnosis:
    (code,) = claim_event("n").diagnoses
    return replace(code, probability=probability, hcc=hcc, band=band)


def _claim(note_id: str, *codes: Diagnosis, days_ago: float = 0) -> ClaimCoded:
    claim = claim_event(note_id)
    coded_at = CODED_AT - timedelta(days=days_ago)
    return replace(claim, diagnoses=codes or (_code(0.5),), coded_at=coded_at)


def _worklist(claims: Sequence[ClaimCoded], limit: int = 100) -> Worklist:
    worklist = Worklist(limit=limit)
    for claim in claims:
        worklist.add_claim(claim)
    return worklist


def _names(worklist: Worklist) -> list[str]:
    return [claim.note_id for claim in worklist.waiting()]


def test_a_claim_waits_if_a_code_is_in_the_review_band() -> None:
    sure = _claim("sure", _code(0.9, band=Band.SUBMIT))

    assert _names(_worklist([sure, _claim("doubtful")])) == ["doubtful"]


def test_value_is_what_a_coder_is_expected_to_correct_those_with_an_hcc_more() -> None:
    """What the probability leaves, over the review band alone."""
    codes = (_code(0.6), _code(0.7, hcc="37"), _code(0.9, band=Band.SUBMIT))

    assert value(_claim("n", *codes)) == 0.4 + (1 - 0.7) * HCC_WEIGHT


def test_doubtful_codes_and_payment_categories_come_first_and_waiting_makes_up_for_it() -> None:
    claims = [
        _claim("sure", _code(0.8)),
        _claim("doubtful", _code(0.5)),
        _claim("paid", _code(0.7, hcc="37")),
        _claim("old", _code(0.8), days_ago=1),
    ]

    assert _names(_worklist(claims)) == ["old", "paid", "doubtful", "sure"]
    assert value(claims[2]) - value(claims[3]) < DAY_WORTH


@given(st.permutations([_claim(f"n{n}", _code(0.5 + n / 20), days_ago=n / 7) for n in range(8)]))
def test_the_most_urgent_are_kept_whatever_order_they_come_in_and_the_rest_is_counted(
    claims: list[ClaimCoded],
) -> None:
    worklist = _worklist(claims, limit=5)
    urgent = sorted(claims, key=urgency, reverse=True)

    assert worklist.waiting() == urgent[:5]
    assert worklist.left_out == 3


def test_the_review_of_a_former_claim_is_told_as_of_that_one_and_does_not_count_for_the_new() -> (
    None
):
    """A replay was promoted twice: the claim at the end still waits, with the review before it."""
    first, second, third = _claim("n1"), _claim("n2"), _claim("n3")
    second = replace(second, supersedes=first.event_id)
    third = replace(third, supersedes=second.event_id)
    worklist, review = _worklist([first]), review_event(first)
    worklist.add_review(review)
    worklist.add_claim(second)
    worklist.add_claim(third)

    assert _names(worklist) == ["n3"]
    assert worklist.standing(third.event_id).review is None
    assert worklist.former_review(third.event_id) == review
    assert worklist.former_review(first.event_id) is None
    assert [one.review for one in worklist.reviewed()] == [review]


def test_a_claim_that_supersedes_itself_has_no_former_review() -> None:
    """No worker makes one; a page must not hang over it."""
    claim = _claim("n")
    worklist = _worklist([replace(claim, supersedes=claim.event_id)])

    assert worklist.former_review(claim.event_id) is None


def test_a_superseded_claim_waits_no_longer_and_a_withdrawal_waits_for_nobody() -> None:
    old, other = _claim("old"), _claim("other")
    new = replace(_claim("new"), supersedes=old.event_id)
    gone = replace(_claim("gone"), supersedes=other.event_id, diagnoses=())

    assert _names(_worklist([old, other, new, gone])) == ["new"]


@given(st.booleans())
def test_a_reviewed_claim_waits_no_longer_whichever_topic_was_read_first(reviews: bool) -> None:  # noqa: FBT001 - both orders
    claim, worklist = _claim("n"), Worklist(limit=10)
    review = review_event(claim)
    if reviews:
        worklist.add_review(review)
    worklist.add_claim(claim)
    if not reviews:
        worklist.add_review(review)

    assert worklist.waiting() == []
    assert [one.review for one in worklist.reviewed()] == [review]
    assert worklist.claim(claim.event_id) == claim


def test_a_review_that_comes_again_or_too_late_changes_no_number() -> None:
    claim = _claim("n")
    worklist = _worklist([claim])
    first, late = review_event(claim), review_event(claim, reviewer="coder-2")
    for review in (first, late, first):
        worklist.add_review(review)

    assert [one.review for one in worklist.reviewed()] == [first]
    assert worklist.standing(claim.event_id).unheeded == (late,)


def test_what_is_kept_of_reviews_is_bounded() -> None:
    worklist = _worklist(claims := [_claim(f"n{n}") for n in range(9)])
    worklist.limit = 4
    for claim in claims:
        worklist.add_review(review_event(claim))

    assert [one.claim for one in worklist.reviewed()] == claims[-4:]


def test_agreement_counts_the_reviews_that_stand_by_the_engines_band() -> None:
    kept, refused = _claim("kept", _code(0.9, band=Band.SUBMIT)), _claim("refused")
    worklist = _worklist([refused])
    worklist.add_review(review_event(refused))
    second = review_event(
        refused, action=ReviewAction.REJECT, replaces=worklist.standing(refused.event_id).review
    )
    for review in (second, review_event(kept), review_event(refused, reviewer="late")):
        worklist.add_review(review)
    worklist.add_claim(kept)
    agreed = agreement(worklist.reviewed())

    assert (agreed.accepted(Band.SUBMIT), agreed.accepted(Band.REVIEW)) == (1.0, 0.0)
    assert (agreed.accepted(), agreed.judged()) == (0.5, 2)
    assert agreement([]).accepted() is None


def test_a_day_begins_at_midnight_utc() -> None:
    worklist = _worklist([_claim("n")])
    worklist.add_review(review_event(_claim("n")))
    midnight = REVIEWED_AT.replace(hour=0) + timedelta(days=1)

    assert len(reviewed_on(worklist.reviewed(), midnight - timedelta(seconds=1))) == 1
    assert reviewed_on(worklist.reviewed(), midnight) == []
