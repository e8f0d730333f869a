"""What a worker counts: bounded labels and no word of a note."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import generate_latest

from clinical_coding.claim import Band
from runtime.metrics import WorkerMetrics
from runtime.tracing import Span
from schemas.claim_coded import ClaimCoded
from schemas.cloud_events import traceparent_for
from streams.micro_batch import Outcome
from streams.records import Incoming, Outgoing
from streams.vitals import Vitals, band_of
from tests.claims import claim_event

NOW = datetime(2026, 3, 2, 15, 5, tzinfo=UTC)
RECORD = Outgoing(topic="t", key=None, value=None, headers=())
MARK = "Zanzibar"


def claimed(claim: ClaimCoded) -> Outcome:
    """A claim on the broker."""
    return Outcome(record=RECORD, claim=claim)


def refused(error_class: str) -> Outcome:
    """A dead letter on the broker."""
    return Outcome(record=RECORD, error_class=error_class)


def with_bands(*bands: Band) -> ClaimCoded:
    """A claim with a code in each band."""
    claim = claim_event("note-1")
    first = claim.diagnoses[0]
    return replace(claim, diagnoses=tuple(replace(first, band=band) for band in bands))


@pytest.mark.parametrize(
    ("bands", "pile"),
    [
        ((Band.SUBMIT, Band.SUBMIT), "submit"),
        ((Band.SUBMIT, Band.REVIEW), "review"),
        ((), "empty"),
    ],
)
def test_one_code_for_a_coder_sends_the_whole_claim_there(
    bands: tuple[Band, ...], pile: str
) -> None:
    assert band_of(with_bands(*bands)) == pile


def test_a_settled_batch_is_counted_by_what_became_of_it() -> None:
    vitals = Vitals(WorkerMetrics())
    claim = claim_event("note-1")
    claim = replace(
        claim,
        coded_at=NOW,
        note_signed_at=NOW - timedelta(seconds=40),
        timings=replace(claim.timings, published_at=NOW + timedelta(seconds=1), engine_ms=250.0),
    )
    vitals.settled(
        [], [claimed(claim), refused("UndecodableEventError"), refused("UndecodableEventError")]
    )

    value = vitals.metrics.registry.get_sample_value
    assert value("cmc_worker_notes_total") == 3
    letters = {"error_class": "UndecodableEventError"}
    assert value("cmc_worker_dead_letters_total", letters) == 2
    assert value("cmc_worker_engine_seconds_sum") == 0.25
    assert value("cmc_worker_signed_to_coded_seconds_sum") == 40
    assert value("cmc_worker_published_to_coded_seconds_sum") == 0  # a clock that is ahead


def test_whatever_comes_the_labels_are_a_closed_set_and_nothing_of_a_note_is_among_them() -> None:
    vitals = Vitals(WorkerMetrics())
    before = len(list(vitals.metrics.registry.collect()))
    for n in range(50):
        claim = claim_event(f"{MARK}-{n}", text=f"{MARK} {n}")
        vitals.settled([], [claimed(claim), refused(f"{MARK}{n}Error")])

    exposed = generate_latest(vitals.metrics.registry).decode()
    assert MARK not in exposed
    assert len(list(vitals.metrics.registry.collect())) == before
    lines = [
        line for line in exposed.splitlines() if line.startswith("cmc_worker_dead_letters_total")
    ]
    assert lines == ['cmc_worker_dead_letters_total{error_class="other"} 50.0']


def test_a_batch_that_fails_is_not_timed_and_none_is_in_hand_after_it() -> None:
    vitals = Vitals(WorkerMetrics())

    def fail() -> None:
        with vitals.batch([]):
            assert vitals.in_hand is not None
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        fail()
    assert vitals.in_hand is None
    assert vitals.metrics.registry.get_sample_value("cmc_worker_batch_seconds_count") == 0


def test_a_coded_notes_span_is_caused_by_its_note_and_names_the_claims_own_header() -> None:
    note, claim = (
        traceparent_for("note-1/1"),
        traceparent_for("claim-1", traceparent_for("note-1/1")),
    )
    headers = (("traceparent", note), ("x", MARK.encode()))
    incoming = Incoming(
        topic="notes",
        partition=3,
        offset=7,
        timestamp=NOW,
        key=b"k",
        value=MARK.encode(),
        headers=headers,
    )
    coded = Outgoing(topic="claims", key=None, value=None, headers=(("traceparent", claim),))
    told: list[Span] = []
    vitals = Vitals(WorkerMetrics(), told.append)
    outcome = Outcome(record=coded, claim=claim_event("note-1", text=MARK))
    with vitals.batch([incoming, incoming]):
        vitals.settled([incoming, incoming], [outcome, refused("UndecodableEventError")])

    (span,) = told
    assert (span.own, span.parent) == (claim, note)
    assert span.attributes == {
        "topic": "notes",
        "partition": 3,
        "offset": 7,
        "batch_notes": 2,
        "engine_ms": 2,
    }
    assert MARK not in repr(span)
