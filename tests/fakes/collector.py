"""A collector of spans: takes OTLP over HTTP and keeps it."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from zlib import MAX_WBITS, decompress

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from typing_extensions import override


class Collector:
    """What came; ``endpoint`` is what OTEL_EXPORTER_OTLP_ENDPOINT is set to."""

    def __init__(self, server: ThreadingHTTPServer, bodies: list[bytes]) -> None:
        self.endpoint = f"http://127.0.0.1:{server.server_port}"
        self.bodies = bodies

    def spans(self, name: str) -> list[Span]:
        """The spans of this name that came so far."""
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return [
            span
            for request in requests
            for of_process in request.resource_spans
            for scope in of_process.scope_spans
            for span in scope.spans
            if span.name == name
        ]


@contextmanager
def collector() -> Iterator[Collector]:
    """A collector on a free port."""
    bodies: list[bytes] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            packed = self.headers.get("Content-Encoding") == "gzip"
            bodies.append(decompress(body, MAX_WBITS | 16) if packed else body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        @override
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Collector(server, bodies)
    finally:
        server.shutdown()
        server.server_close()
