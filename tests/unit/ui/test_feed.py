"""What the feed keeps: newest first, each once, bounded."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.claim import Band
from schemas.claim_coded import ClaimCoded
from tests.claims import CODED_AT, claim_event, claims_of_versions
from tests.notes import note_event
from ui.feed import Feed

NOW = datetime(2026, 3, 2, 15, 6, tzinfo=UTC)
LIMIT = 5


def _feed(claims: Sequence[ClaimCoded] = ()) -> Feed:
    feed = Feed(limit=LIMIT, text_bytes=100_000)
    for claim in claims:
        feed.add_claim(claim, NOW)
    return feed


def _claims(count: int) -> list[ClaimCoded]:
    """Coded one second after another."""
    return [
        replace(claim_event(f"n{n}"), coded_at=CODED_AT + timedelta(seconds=n))
        for n in range(count)
    ]


@given(st.permutations(_claims(8)))
def test_the_claims_coded_last_are_kept_and_come_first_however_the_partitions_were_read(
    claims: list[ClaimCoded],
) -> None:
    feed = _feed(claims)

    assert [claim.note_id for claim in feed.newest(10)] == ["n7", "n6", "n5", "n4", "n3"]
    assert [claim.note_id for claim in feed.newest(2)] == ["n7", "n6"]
    assert feed.summary(NOW).total == 8


@given(st.lists(st.integers(0, 12), max_size=60))
def test_a_claim_that_comes_again_counts_once_even_when_its_claim_has_left_the_list(
    order: list[int],
) -> None:
    claims = _claims(13)
    again, once = (
        _feed([claims[n] for n in order]),
        _feed([claims[n] for n in dict.fromkeys(order)]),
    )

    assert again.summary(NOW) == once.summary(NOW)
    assert again.newest(10) == once.newest(10)


def test_a_repeat_does_not_bring_an_old_claim_back() -> None:
    claims = _claims(8)
    feed = _feed([*claims, claims[0]])

    assert feed.claim(claims[0].event_id) is None
    assert len(feed.newest(10)) == LIMIT


def test_texts_are_found_by_note_and_version() -> None:
    feed = _feed()
    feed.add_note(note_event("text 1", note_id="n"))
    feed.add_note(note_event("text 2", note_id="n", version=2))
    claim = claim_event("n")

    assert feed.text(claim) == "text 1"
    assert feed.text(replace(claim, note_version=2)) == "text 2"
    assert feed.text(replace(claim, note_version=3)) is None


def test_latency_is_from_the_notes_record_to_its_claim() -> None:
    claim = claim_event("n")
    late = claim.timings.published_at - timedelta(seconds=3)
    feed = _feed([replace(claim, timings=replace(claim.timings, published_at=late))])

    assert feed.summary(NOW).latency_p50_s == pytest.approx(3.0)


def test_the_bands_count_the_codes_of_all_claims_read() -> None:
    claims = _claims(8)
    (code,) = claims[0].diagnoses
    claims[0] = replace(claims[0], diagnoses=(code, replace(code, band=Band.REVIEW)))

    assert _feed(claims).summary(NOW).bands == {Band.SUBMIT: 8, Band.REVIEW: 1}


@given(st.permutations(claims_of_versions("n", 4, retracted=True)))
def test_whatever_the_order_of_a_notes_versions_each_claim_names_the_newest_and_that_names_none(
    claims: list[ClaimCoded],
) -> None:
    """So a late older version says at once what replaced it."""
    feed = _feed([claim_event("other"), *claims])
    newest = max(claims, key=lambda claim: claim.note_version)

    assert [feed.successor(c) for c in claims if c is not newest] == [newest] * 3
    assert feed.successor(newest) is None
    assert feed.successor(claim_event("other")) is None


def test_an_empty_feed_has_no_latency() -> None:
    summary = _feed().summary(NOW)

    assert (summary.latency_p50_s, summary.bands, summary.total) == (None, {}, 0)
