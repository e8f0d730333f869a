"""From what a page sends to decisions: order, reasons, and what is refused."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.code_set import CodeSet
from clinical_coding.errors import BrokenContractError
from clinical_coding.note import IcdCode
from schemas.claim_reviewed import ReviewAction
from tests.claims import claim_event
from tests.coded import CODE_SET
from tests.reviews import REVIEWED_AT
from ui.decisions import (
    ACCEPTED,
    REASONS,
    SentReview,
    SentRow,
    decisions_of,
    review_of,
    sent_review,
)

ENGINE = ("E11.9", "I10", "R05.9")
(FIRST,) = claim_event("n").diagnoses
CLAIM = replace(
    claim_event("n"),
    diagnoses=tuple(replace(FIRST, code=IcdCode(c), rank=n + 1) for n, c in enumerate(ENGINE)),
)
CODES: CodeSet = CODE_SET


def _rows(*told: str) -> tuple[SentRow, ...]:
    """A code a word; "-" before it: rejected."""
    return tuple(
        SentRow(
            code=IcdCode(word.lstrip("-")),
            is_kept=not word.startswith("-"),
            reason="not-documented" if word.startswith("-") else "documented",
        )
        for word in told
    )


def _told(*rows: str) -> list[str]:
    return [f"{d.code} {d.action} {d.rank}" for d in decisions_of(CLAIM, _rows(*rows), CODES)]


def test_a_code_that_only_follows_a_rejected_or_an_added_one_is_accepted_not_moved() -> None:
    assert _told("M54.50", "-E11.9", "I10", "R05.9") == [
        "M54.50 add 1",
        "E11.9 reject None",
        "I10 accept 2",
        "R05.9 accept 3",
    ]


def test_codes_that_change_places_are_moved_and_the_others_are_not() -> None:
    assert _told("I10", "E11.9", "R05.9") == [
        "I10 change_order 1",
        "E11.9 change_order 2",
        "R05.9 accept 3",
    ]


@given(st.permutations(ENGINE), st.sets(st.sampled_from(ENGINE)))
def test_every_code_has_one_decision_kept_ones_ranks_from_one_and_a_reason_of_its_action(
    order: list[str], rejected: set[str]
) -> None:
    rows = _rows(*(f"-{c}" if c in rejected else c for c in order))
    decisions = decisions_of(CLAIM, rows, CODES)

    assert [d.code for d in decisions] == order
    kept = [d.rank for d in decisions if d.rank is not None]
    assert kept == list(range(1, len(ENGINE) - len(rejected) + 1))
    assert all(d.reason_code in REASONS[d.action] for d in decisions)
    assert {d.code for d in decisions if d.action is ReviewAction.REJECT} == rejected


@pytest.mark.parametrize(
    "rows",
    [
        _rows("E11.9", "I10"),
        _rows("E11.9", "I10", "R05.9", "R05.9"),
        _rows("E11.9", "I10", "R05.9", "M54.5"),  # a header
        _rows("E11.9", "I10", "R05.9", "X99.9"),
        _rows("E11.9", "I10", "R05.9", "-M54.50"),  # neither the engine's nor added
        (*_rows("E11.9", "I10"), SentRow(code=IcdCode("R05.9"), is_kept=False, reason="free text")),
    ],
)
def test_a_code_left_out_told_twice_or_not_billable_and_free_text_are_refused(
    rows: tuple[SentRow, ...],
) -> None:
    with pytest.raises(BrokenContractError, match=r"expected .*; got .*; "):
        decisions_of(CLAIM, rows, CODES)


def test_what_a_page_sends_makes_a_review_that_names_claim_and_review_that_it_judges() -> None:
    raw = {
        "claim": CLAIM.event_id,
        "replaces": "before",
        "rows": [{"code": c, "is_kept": True, "reason": ACCEPTED} for c in ENGINE],
    }
    review = review_of(CLAIM, sent_review(raw), CODES, "coder-1", REVIEWED_AT)

    assert (review.claim_event_id, review.replaces) == (CLAIM.event_id, "before")
    assert (review.encounter_id, review.reviewer) == (CLAIM.encounter_id, "coder-1")
    again = SentReview(claim=CLAIM.event_id, replaces="before", rows=_rows(*ENGINE))
    assert review_of(CLAIM, again, CODES, "coder-1", REVIEWED_AT) == review


@pytest.mark.parametrize("raw", [None, "x", {"claim": 1}, {"claim": "c", "rows": []}])
def test_anything_else_from_a_browser_is_refused(raw: object) -> None:
    with pytest.raises(BrokenContractError):
        sent_review(raw)
