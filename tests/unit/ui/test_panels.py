"""What the panels say, read as text."""

import re
from dataclasses import replace
from datetime import UTC, datetime

from clinical_coding.claim import Assertion, Band, DroppedCode, Evidence
from clinical_coding.note import IcdCode, NoteStatus
from tests.claims import CODED_AT, claim_event
from tests.reviews import review_event
from ui.claim_panel import claim_html, places_html, why_not_html
from ui.feed import Feed, Link, Looked
from ui.head import head_html
from ui.summary import summary_html
from ui.theme import BAND_MARKS, notice_html

NOW = datetime(2026, 3, 2, 15, 6, tzinfo=UTC)


def _text(html: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", html).split())


def _feed(*bands: Band) -> Feed:
    feed = Feed(limit=10, text_bytes=1000)
    claim = claim_event("n")
    codes = tuple(replace(claim.diagnoses[0], band=band) for band in bands)
    feed.add_claim(replace(claim, diagnoses=codes), NOW)
    return feed


def test_the_share_of_each_band_is_told_with_a_mark_of_its_own_shape() -> None:
    told = _text(
        summary_html(_feed(Band.SUBMIT, Band.SUBMIT, Band.SUBMIT, Band.REVIEW).summary(NOW))
    )

    assert "● submit 75% ◆ review 25% of 4 codes" in told
    assert len(set(BAND_MARKS.values())) == len(Band)


def test_numbers_that_are_not_known_yet_are_dashes() -> None:
    told = _text(summary_html(Feed(limit=10, text_bytes=1000).summary(NOW)))

    assert "nan" not in told
    assert "Latency, median –" in told  # noqa: RUF001 - the dash it shows


def test_the_head_says_whether_it_is_live_and_as_of_when() -> None:
    feed = Feed(limit=10, text_bytes=1000)
    assert "○ connecting" in _text(head_html("live feed", feed.summary(NOW)))
    feed.connected(Looked(), NOW)
    assert "● live · as of 15:06:00 UTC" in _text(head_html("live feed", feed.summary(NOW)))
    feed.disconnected("expected a broker")
    assert feed.summary(NOW).link is Link.AWAY
    assert "▲ not connected · as of 15:06:00 UTC" in _text(
        head_html("live feed", feed.summary(NOW))
    )


def test_a_claim_shows_its_codes_in_order_with_flag_probability_band_and_rules() -> None:
    claim = claim_event("n")
    (first,) = claim.diagnoses
    first = replace(first, rules=("IV.G first-listed diagnosis",), hcc="37")
    second = replace(first, code=IcdCode("I10"), description="Hypertension <essential>", rank=2,
                     first_listed=False, band=Band.REVIEW, probability=0.5, rules=(), hcc=None)  # fmt: skip
    told = _text(claim_html(replace(claim, diagnoses=(first, second)), None))

    assert (
        "R07.9 Chest pain, unspecified first-listed HCC 37 IV.G first-listed diagnosis 0.90 ● submit "
        "I10 Hypertension &lt;essential&gt; 0.50 ◆ review" in told
    )


def test_warnings_are_sentences_and_an_unknown_one_is_shown_as_it_came() -> None:
    claim = replace(claim_event("n"), warnings=("code-set-not-in-force", "new-<warning>"))
    told = _text(claim_html(claim, None))

    assert "not in force on the date of service" in told
    assert "new-&lt;warning&gt;" in told


def test_a_superseded_a_withdrawn_and_an_empty_claim_say_so() -> None:
    claim = claim_event("n")
    empty = replace(claim, diagnoses=())

    assert "for version 2" in _text(claim_html(claim, replace(claim, note_version=2)))
    assert "No code reached" in _text(claim_html(empty, None))
    assert "withdraws" in _text(claim_html(replace(empty, note_status=NoteStatus.RETRACTED), None))


def test_a_promoted_replay_is_told_on_the_claim_before_it_and_its_review_on_the_one_after() -> None:
    claim = claim_event("n")
    promoted = replace(claim, event_id="new", model_version="m-2", supersedes=claim.event_id)
    told = _text(claim_html(promoted, None, None, review_event(claim)))

    assert "model m-2, " in _text(claim_html(claim, promoted))
    assert "Of the claim that this one supersedes: coder-1 reviewed this claim on" in told
    assert "no review of its own yet" in told


def test_evidence_by_place_gives_offsets_and_no_words() -> None:
    evidence = Evidence(
        start=3, end=9, section="past_history", assertion=Assertion.HISTORICAL, match="title"
    )
    claim = claim_event("n")
    diagnosis = replace(claim.diagnoses[0], evidence=(evidence,))
    told = _text(places_html(replace(claim, diagnoses=(diagnosis,))))

    assert told.endswith("R07.9 3–9 past history historical title")  # noqa: RUF001 - the range it shows


def test_what_was_left_out_is_told_with_its_reason_and_rule() -> None:
    dropped = DroppedCode(
        code=IcdCode("R50.9"), probability=0.004, reason="negated in the note", rule=None
    )
    family = replace(dropped, code=IcdCode("I25.2"), reason="family history", rule="I.C.21.c.4")
    told = _text(why_not_html((dropped, family)))

    assert "R50.9 0.00 negated in the note I25.2 0.00 family history I.C.21.c.4" in told
    assert CODED_AT < NOW


def test_a_notice_shows_commands_as_code_and_all_else_as_text() -> None:
    html = notice_html("Run `codemychart up` <now>", role="alert")

    assert "Run <code>codemychart up</code> &lt;now&gt;" in html
