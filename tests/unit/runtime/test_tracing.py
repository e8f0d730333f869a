"""Spans have the ids of the records' own headers, and nothing else of a record."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from runtime import logs
from runtime.otel_spans import record_to
from runtime.settings import TracingSettings
from runtime.tracing import Record, Span, off, recorder
from schemas.cloud_events import traceparent_for
from tests.fakes.collector import collector
from tests.waiting import wait_for

NOW = datetime(2026, 3, 2, 15, 5, tzinfo=UTC)
NOTE = traceparent_for("note-1/1")
CLAIM = traceparent_for("claim-1", NOTE)


@contextmanager
def recorded() -> Iterator[tuple[Record, InMemorySpanExporter]]:
    """A Record and what it was told."""
    exporter = InMemorySpanExporter()
    yield record_to(SimpleSpanProcessor(exporter), "worker"), exporter


def ids(span: ReadableSpan) -> bytes:
    """Its trace and span as a traceparent."""
    context = span.get_span_context()
    assert context is not None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-01".encode()


def test_a_span_is_the_one_that_its_records_header_names_and_its_cause_is_its_parent() -> None:
    with recorded() as (record, exporter):
        record(Span(name="publish note", own=NOTE, began=NOW, ended=NOW))
        record(
            Span(
                name="code note",
                own=CLAIM,
                parent=NOTE,
                links=(NOTE,),
                began=NOW,
                ended=NOW + timedelta(seconds=2),
                attributes={"partition": 3},
            )
        )
        published, coded = exporter.get_finished_spans()

    assert (ids(published), ids(coded)) == (NOTE, CLAIM)
    assert published.parent is None
    assert coded.parent is not None
    assert coded.parent.span_id == int(NOTE.split(b"-")[2], 16)
    assert coded.start_time is not None
    assert coded.end_time == coded.start_time + 2_000_000_000
    assert dict(coded.attributes or {}) == {"partition": 3}
    assert coded.resource.attributes["service.name"] == "codemychart-worker"
    assert len(coded.links) == 1


def test_an_attribute_that_a_log_may_not_have_a_span_may_not_have_either() -> None:
    with pytest.raises(KeyError, match="text"):
        Span(name="code note", own=NOTE, began=NOW, ended=NOW, attributes={"text": "x"})


def test_without_an_endpoint_nothing_is_recorded() -> None:
    assert recorder("worker", TracingSettings(endpoint=None)) is off


def test_with_an_endpoint_spans_reach_a_collector() -> None:
    logs.configure("test", strict=True)
    with collector() as collected:
        record = recorder("worker", TracingSettings(endpoint=collected.endpoint))
        record(Span(name="code note", own=NOTE, began=NOW, ended=NOW))
        wait_for(lambda: len(collected.spans("code note")) == 1, 30, "a span")
