"""Spans to a collector, through OpenTelemetry's SDK and OTLP over HTTP."""

from datetime import datetime

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, TraceFlags
from typing_extensions import override

from runtime.tracing import Record, Span

LIBRARY = "codemychart"


class GivenIds(IdGenerator):
    """Gives the next span the ids that its record has; spans are told from one thread."""

    def __init__(self) -> None:
        self.trace_id = self.span_id = 0

    @override
    def generate_trace_id(self) -> int:
        return self.trace_id

    @override
    def generate_span_id(self) -> int:
        return self.span_id


def export_to(endpoint: str, process: str) -> Record:
    """Send spans in batches from a thread; those that a collector does not take are lost."""
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    return record_to(BatchSpanProcessor(exporter), process)


def record_to(processor: SpanProcessor, process: str) -> Record:
    """Give every span to this processor, under the service ``codemychart-<process>``."""
    ids = GivenIds()
    resource = Resource.create({"service.name": f"{LIBRARY}-{process}"})
    provider = TracerProvider(id_generator=ids, resource=resource)
    provider.add_span_processor(processor)
    tracer = provider.get_tracer(LIBRARY)

    def record(span: Span) -> None:
        own = _context(span.own)
        ids.trace_id, ids.span_id = own.trace_id, own.span_id
        started = tracer.start_span(
            span.name,
            context=_caused_by(span.parent),
            links=[Link(_context(link)) for link in span.links],
            attributes=dict(span.attributes),
            start_time=_nanoseconds(span.began),
        )
        started.end(_nanoseconds(span.ended))

    return record


def _caused_by(parent: bytes | None) -> Context:
    """A context with that span in it, or an empty one: never what the thread happens to carry."""
    empty = Context()
    return trace.set_span_in_context(NonRecordingSpan(_context(parent)), empty) if parent else empty


def _context(traceparent: bytes) -> SpanContext:
    _, trace_id, span_id, flags = traceparent.decode().split("-")
    return SpanContext(
        trace_id=int(trace_id, 16),
        span_id=int(span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(int(flags, 16)),
    )


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1000
