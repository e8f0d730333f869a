"""A small OpenID provider: OpenID Connect Core 1.0's code flow over HTTP, with PKCE (RFC 7636).

It asks who one is by a page of links instead of a password; all else is checked as a real one does.
"""

import base64
import hashlib
import html
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from typing_extensions import override

from runtime import clock

CLIENT, SECRET = "codemychart", "a secret of the tests"
Claims = Mapping[str, object]


@dataclass(slots=True)
class Provider:
    """``people`` are their claims by name; ``issued_before`` makes the tokens of a person so old."""

    address: str
    people: Mapping[str, Claims]
    issued_before: dict[str, timedelta] = field(default_factory=dict)
    ended: int = 0  # sessions that a client asked to end
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    _codes: dict[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)

    @property
    def metadata(self) -> dict[str, object]:
        """OpenID Connect Discovery 1.0."""
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/jwks",
            "end_session_endpoint": f"{self.address}/end",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def code(self, person: str, asked: Mapping[str, str]) -> str:
        """A code for this person, for what was asked; once."""
        made = secrets.token_urlsafe(16)
        self._codes[made] = person, asked
        return made

    def token(self, given: Mapping[str, str], authorization: str) -> dict[str, object] | None:
        """An ID token for a code, None where anything about the request is wrong."""
        expected = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        person, asked = self._codes.pop(given.get("code", ""), ("", {}))
        proof = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        is_right = (
            authorization in (f"Basic {expected}", f"Basic {plain}")
            and given.get("grant_type") == "authorization_code"
            and given.get("redirect_uri") == asked.get("redirect_uri")
            and base64.urlsafe_b64encode(proof).rstrip(b"=").decode() == asked["code_challenge"]
        )
        return self._tokens(person, asked["nonce"]) if is_right else None

    def _tokens(self, person: str, nonce: str) -> dict[str, object]:
        now = clock.now()
        issued: datetime = now - self.issued_before.get(person, timedelta())
        claims: dict[str, object] = {
            "iss": self.address, "aud": CLIENT, "sub": f"sub-{person}", "nonce": nonce,
            "iat": int(issued.timestamp()), "exp": int(now.timestamp()) + 300,
        }  # fmt: skip
        claims |= self.people[person]
        signed = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        return {"access_token": "unused", "token_type": "Bearer", "id_token": signed}


@contextmanager
def provider(people: Mapping[str, Claims]) -> Iterator[Provider]:
    """A provider on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    made = Provider(f"http://127.0.0.1:{server.server_port}", people)
    server.RequestHandlerClass = _handler(made)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, asked = _asked(self.path)
            if path == "/authorize":
                person = asked.pop("person", None)
                self._page(asked) if person is None else self._back(person, asked)
            elif path == "/end":
                provider.ended += 1
                self._send(302, "", Location=_origin(asked["post_logout_redirect_uri"]))
            else:
                known = {"/jwks": {"keys": [provider.key.as_dict(private=False)]},
                         "/.well-known/openid-configuration": provider.metadata}  # fmt: skip
                self._send(200 if path in known else 404, json.dumps(known.get(path)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            given = {name: values[0] for name, values in parse_qs(body).items()}
            token = provider.token(given, self.headers.get("Authorization", ""))
            told = {"error": "invalid_grant"} if token is None else token
            self._send(400 if token is None else 200, json.dumps(told))

        def _page(self, asked: Mapping[str, str]) -> None:
            links = "".join(
                f'<p><a href="/authorize?{html.escape(urlencode({**asked, "person": name}))}">{name}</a>'
                for name in provider.people
            )
            told = (
                f'<!doctype html><link rel="icon" href="data:,"><title>Who are you?</title>{links}'
            )
            self._send(200, told, "text/html")

        def _back(self, person: str, asked: Mapping[str, str]) -> None:
            answer = urlencode({"code": provider.code(person, asked), "state": asked["state"]})
            self._send(302, "", Location=f"{asked['redirect_uri']}?{answer}")

        def _send(
            self, status: int, body: str, kind: str = "application/json", **headers: str
        ) -> None:
            raw = body.encode()
            self.send_response(status)
            every = {"Content-Type": kind, "Content-Length": str(len(raw)), **headers}
            for name, value in every.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        @override
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Answering


def _asked(path: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(path)
    return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}/"
