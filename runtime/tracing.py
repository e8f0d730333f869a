"""Spans of a note's way, where the extra `otel` is installed and OTEL_EXPORTER_OTLP_ENDPOINT is set.

A span's ids are those that its record's ``traceparent`` carries anyway (W3C Trace Context), so records
are the same with tracing and without, and each process finds its cause in the header alone. Spans are
told when they have ended: there is none that could catch an exception with its message.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from runtime.logs import ALLOWED_KEYS, get_logger
from runtime.settings import TracingSettings

MAX_LINKS = 128  # what OpenTelemetry keeps of a span's links by default


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One piece of work on one record or one batch; ids as in well-formed ``traceparent`` headers.

    ``attributes`` obey the allow-list of the logs. Raises KeyError for one that is not on it.
    """

    name: str
    own: bytes
    parent: bytes | None = None
    links: tuple[bytes, ...] = ()
    began: datetime
    ended: datetime
    attributes: Mapping[str, int | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = sorted(self.attributes.keys() - ALLOWED_KEYS)
        if unknown:
            raise KeyError(f"span attributes {unknown} are not in ALLOWED_KEYS of runtime/logs.py")


Record = Callable[[Span], None]


def off(_: Span) -> None:
    """A Record that keeps nothing."""


def recorder(process: str, settings: TracingSettings) -> Record:
    """Where this process's spans go; ``off`` itself when they go nowhere."""
    if settings.endpoint is None:
        return off
    try:
        from runtime.otel_spans import export_to  # noqa: PLC0415 - an optional extra
    except ImportError:
        get_logger().warning("tracing is off", reason="the extra `otel` is not installed")
        return off
    return export_to(settings.endpoint, process)
