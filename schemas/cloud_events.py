"""Headers of every record: CloudEvents 1.0 in Kafka binary mode, and W3C trace context."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime

TRACE_ID_BYTES, SPAN_ID_BYTES = 16, 8
TRACEPARENT = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def cloud_event_headers(
    *, event_id: str, event_type: str, source: str, time: datetime, parent: bytes | None = None
) -> dict[str, bytes]:
    """The headers of one event.

    ``event_type`` is the topic's name, ``parent`` the traceparent of the event that caused this
    one: its trace goes on; without one a trace begins. Trace and span ids are hashes of
    ``event_id``, so that publishing an event again continues the same trace.
    """
    return {
        "ce_specversion": b"1.0",
        "ce_id": event_id.encode(),
        "ce_type": event_type.encode(),
        "ce_source": source.encode(),
        "ce_time": time.isoformat().encode(),
        "content-type": b"application/avro",
        "traceparent": traceparent_for(event_id, parent),
    }


def traceparent_of(headers: Mapping[str, bytes]) -> bytes | None:
    """The record's traceparent where it has a well-formed one (W3C Trace Context, version 00)."""
    raw = headers.get("traceparent", b"")
    return raw if TRACEPARENT.fullmatch(raw) else None


def traceparent_for(event_id: str, parent: bytes | None = None) -> bytes:
    """The traceparent of what has this id: in the parent's trace, or one of its own."""
    digest = hashlib.sha256(event_id.encode()).digest()
    own_trace = digest[:TRACE_ID_BYTES].hex().encode()
    trace = parent.split(b"-")[1] if parent else own_trace
    span = digest[TRACE_ID_BYTES : TRACE_ID_BYTES + SPAN_ID_BYTES].hex().encode()
    return b"-".join((b"00", trace, span, b"01"))
