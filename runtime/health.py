"""The health of a process over HTTP: ``/livez``, ``/readyz`` and ``/metrics``, from a thread.

200 when it is so, 503 when not; the body of the first two is the same JSON object and says why.
Live means: a restart would not help. Ready means: it can do its work now.
"""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from typing_extensions import override

from clinical_coding.errors import SettingsError
from runtime.settings import HealthSettings

ASK_S = 2.0
REQUEST_S = 5.0  # a client that sends nothing for so long is left


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a process stands; ``reason`` says in a line why it is not live or not ready."""

    live: bool
    ready: bool
    reason: str = ""
    lag: int | None = None


def serve(
    settings: HealthSettings, health: Callable[[], Health], registry: CollectorRegistry
) -> ThreadingHTTPServer | None:
    """Answer from a daemon thread on, until ``shutdown`` of the result; None where no port is set.

    Raises SettingsError when the port cannot be had.
    """
    if settings.port is None:
        return None
    place = settings.address, settings.port
    try:
        server = ThreadingHTTPServer(place, _answering(health, registry))
    except OSError as error:
        raise SettingsError(
            f"expected a free port {settings.port} at {settings.address} for the health endpoints; "
            f"got {error.strerror}; choose another one (CMC_..._HEALTH_PORT)"
        ) from None
    server.daemon_threads = True
    Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server


def ask(address: str, port: int, timeout_s: float = ASK_S) -> Health | None:
    """What the process there says of itself, None when it does not answer in time."""
    with closing(HTTPConnection(address, port, timeout=timeout_s)) as connection:
        try:
            connection.request("GET", "/readyz")
            told = json.loads(connection.getresponse().read())
            return Health(**told)
        except (OSError, HTTPException, ValueError, TypeError):
            return None


def _answering(
    health: Callable[[], Health], registry: CollectorRegistry
) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        timeout = REQUEST_S

        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest(registry))
            elif self.path in ("/livez", "/readyz"):
                found = health()
                good = found.live if self.path == "/livez" else found.live and found.ready
                body = json.dumps(asdict(found)).encode()
                self._answer(200 if good else 503, "application/json", body)
            else:
                self._answer(404, "text/plain", b"/livez, /readyz or /metrics\n")

        def _answer(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: a probe comes every few seconds."""

    return Answering
