"""Headers of every record."""

from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from schemas.cloud_events import cloud_event_headers, traceparent_of

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TRACEPARENT = b"00-" + b"4bf92f3577b34da6a3ce929d0e0e4736" + b"-00f067aa0ba902b7-01"


def _headers(event_id: str, parent: bytes | None = None) -> dict[str, bytes]:
    return cloud_event_headers(
        event_id=event_id, event_type="t", source="s", time=NOW, parent=parent
    )


def test_an_event_has_every_header_that_cloud_events_asks_for() -> None:
    """CloudEvents 1.0, Kafka binding, binary mode: specversion, id, type and source."""
    headers = _headers("e")

    assert headers["ce_specversion"] == b"1.0"
    assert (headers["ce_id"], headers["ce_type"], headers["ce_source"]) == (b"e", b"t", b"s")
    assert headers["content-type"] == b"application/avro"


def test_an_event_goes_on_with_its_causes_trace_in_a_span_of_its_own() -> None:
    caused = traceparent_of(_headers("e", TRACEPARENT)) or b""

    assert caused.split(b"-")[1] == TRACEPARENT.split(b"-")[1]
    assert caused.split(b"-")[2] != TRACEPARENT.split(b"-")[2]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_event_without_a_cause_begins_a_trace_that_is_well_formed_and_its_own(
    event_id: str,
) -> None:
    """The same event published again is in the same trace."""
    headers = _headers(event_id)

    assert traceparent_of(headers) == headers["traceparent"] == _headers(event_id)["traceparent"]


@given(st.binary(max_size=60))
@example(b"ff" + TRACEPARENT[2:])
@example(TRACEPARENT.upper())
@example(TRACEPARENT + b"\n")
@example(b"00-" + b"0" * 32 + TRACEPARENT[35:])
def test_what_is_no_traceparent_begins_no_trace(raw: bytes) -> None:
    """W3C Trace Context: lower-case hex, version 00, no zero ids; a stranger's header is dropped."""
    assert traceparent_of({"traceparent": raw}) is None
    assert traceparent_of({}) is None
