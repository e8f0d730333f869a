"""Asking a process for its health, as a probe does."""

from contextlib import closing
from http.client import HTTPConnection, HTTPException


def ask(port: int, path: str) -> tuple[int, str]:
    """The HTTP status and the body; 0 while nobody answers."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, HTTPException):
            return 0, ""
