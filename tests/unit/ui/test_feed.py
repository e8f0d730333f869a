"""What the feed keeps: newest first, each once, bounded."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.claims import claim_event
from tests.notes import note_event
from ui.feed import SPARK_BARS, Feed


def _feed(count: int, limit: int = 5) -> Feed:
    feed = Feed(limit=limit)
    for n in range(count):
        feed.add_claim(claim_event(f"n{n}"), now_s=float(n))
    return feed


def test_the_newest_come_first_and_no_more_than_the_limit_are_kept() -> None:
    feed = _feed(8)

    assert [claim.note_id for claim in feed.newest(10)] == ["n7", "n6", "n5", "n4", "n3"]
    assert feed.summary(8.0).total == 8


def test_a_claim_that_comes_again_changes_nothing() -> None:
    feed = _feed(2)
    feed.add_claim(claim_event("n0"), now_s=5.0)

    assert [claim.note_id for claim in feed.newest(10)] == ["n1", "n0"]
    assert feed.summary(5.0).total == 2


def test_texts_are_kept_for_as_many_notes_as_claims() -> None:
    feed = Feed(limit=2)
    for n in range(4):
        feed.add_note(note_event(f"text {n}", note_id=f"n{n}"))

    kept = [feed.text(claim_event(f"n{n}")) for n in range(4)]
    assert kept == [None, None, "text 2", "text 3"]


def test_the_rate_is_of_the_last_minute_and_the_sparkline_of_the_last_minutes() -> None:
    feed = Feed(limit=10)
    for n, at in enumerate((0.0, 100.0, 130.0, 159.0)):
        feed.add_claim(claim_event(f"n{n}"), now_s=at)

    summary = feed.summary(160.0)

    assert summary.rate_per_s == pytest.approx(3 / 60)
    assert (len(summary.bars), sum(summary.bars), summary.bars[-1]) == (SPARK_BARS, 4, 1)


def test_latency_is_from_the_notes_record_to_its_claim() -> None:
    feed = Feed(limit=10)
    claim = claim_event("n")
    late = claim.timings.published_at - timedelta(seconds=3)
    feed.add_claim(replace(claim, timings=replace(claim.timings, published_at=late)), 0.0)

    assert feed.summary(0.0).latency_p50_s == pytest.approx(3.0)


def test_an_empty_feed_has_no_latency() -> None:
    summary = Feed(limit=3).summary(0.0)

    assert (summary.latency_p50_s, summary.codes, summary.total) == (None, 0, 0)
