"""An S3 store that takes every object, keeps what it was asked, and says what it is told to say."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from typing_extensions import override


@dataclass(slots=True)
class Asked:
    """Requests in order: method, path, headers in lower case."""

    endpoint: str
    requests: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)


@contextmanager
def s3_store(answered: Mapping[str, str]) -> Iterator[Asked]:
    """A store on a free port; ``answered`` are the headers of each answer."""

    class Taking(BaseHTTPRequestHandler):
        def _take(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked.requests.append((self.command, self.path, headers))
            body = b"<DeleteResult/>" if self.command == "POST" else b""
            self.send_response(200)
            for name, value in {**answered, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_PUT = do_POST = _take  # noqa: N815 - the library's names

        @override
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    asked = Asked(f"http://127.0.0.1:{server.server_port}")
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield asked
    finally:
        server.shutdown()
        server.server_close()
