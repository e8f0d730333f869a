"""JSON logs whose keys are an allow-list: what is not named here is not written.

The event is a fixed lower-case phrase, values go in keys. A library's record is written as its
template, without its arguments, because those may quote a note.
"""

import logging
import time
from collections import Counter
from collections.abc import MutableMapping
from typing import Any

import structlog
from typing_extensions import override

ALLOWED_KEYS = frozenset(
    {
        "event", "level", "timestamp", "process",  # every line
        "library", "template", "error_class", "where", "repeated",  # a library's record, an error
        "batch_notes", "claims", "dead_letters", "engine_ms", "notes", "rows", "records", "elapsed_s",
        "topic", "partition", "offset", "group", "lag", "batch_id", "query", "bytes",
        "service", "state", "address", "pid", "path", "exit_code", "reason", "wait_s",
        "model_version", "encoder", "code_set", "profile", "schema_id", "subject", "dropped_keys",
    }
)  # fmt: skip
REPEAT_S = 10.0  # a library's line is written once in so many seconds; aiokafka writes thousands
Event = MutableMapping[str, Any]


def get_logger() -> Any:  # noqa: ANN401 - structlog's own loggers are untyped
    """The logger of this process."""
    return structlog.get_logger()


def configure(process: str, *, strict: bool = False, level: int = logging.INFO) -> None:
    """Set up JSON logs on stderr; ``strict`` raises on a key that is not allowed (tests)."""
    keep = _refuse_keys if strict else _drop_keys
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _bind(process),
            keep,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(_stderr()),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [LibraryHandler()]
    root.setLevel(logging.WARNING)


class LibraryHandler(logging.Handler):
    """Writes a library's records as template, library and error class; repeats are counted."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, str], float] = {}
        self._repeats: Counter[tuple[str, str]] = Counter()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Write the record unless the same template was written in the last ``REPEAT_S``."""
        template = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        key = (record.name, template)
        now = time.monotonic()
        if now - self._last.get(key, -REPEAT_S) < REPEAT_S:
            self._repeats[key] += 1
            return
        self._last[key] = now
        error = record.exc_info[0] if record.exc_info else None
        get_logger().log(
            record.levelno,
            "library record",
            library=record.name,
            template=template,
            repeated=self._repeats.pop(key, 0),
            error_class=error.__name__ if error else None,
        )


def _bind(process: str) -> structlog.typing.Processor:
    def add(_: Any, __: str, event: Event) -> Event:  # noqa: ANN401 - structlog's signature
        event["process"] = process
        return event

    return add


def _drop_keys(_: Any, __: str, event: Event) -> Event:  # noqa: ANN401 - structlog's signature
    unknown = [key for key in event if key not in ALLOWED_KEYS]
    for key in unknown:
        del event[key]
    if unknown:
        event["dropped_keys"] = len(unknown)
    return event


def _refuse_keys(_: Any, __: str, event: Event) -> Event:  # noqa: ANN401 - structlog's signature
    unknown = sorted(key for key in event if key not in ALLOWED_KEYS)
    if unknown:
        raise KeyError(f"log keys {unknown} are not in ALLOWED_KEYS of runtime/logs.py")
    return event


def _stderr() -> Any:  # noqa: ANN401 - a TextIO; structlog wants its own protocol
    import sys  # noqa: PLC0415 - at the call, so that a redirected stderr is the one used

    return sys.stderr
