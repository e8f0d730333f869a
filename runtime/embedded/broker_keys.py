"""The secured broker's keys, certificates and passwords, made at its first start and kept."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from runtime.embedded.certificates import new_authority, valid_until
from runtime.private_files import write_private

RENEWED_BEFORE = timedelta(days=30)
PASSWORD_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerKeys:
    """The files of one secured broker; each PEM file but the CA's holds a key and its certificate.

    A certificate's common name is its file's: that is whom the broker knows it by.
    """

    folder: Path

    @property
    def ca(self) -> Path:
        """The certificate that clients check the broker by; no secret."""
        return self.folder / "ca.pem"

    @property
    def broker(self) -> Path:
        """The broker's own."""
        return self.folder / "broker.pem"

    @property
    def admin(self) -> Path:
        """Who makes topics, users and permissions."""
        return self.folder / "admin.pem"

    @property
    def registry(self) -> Path:
        """The schema registry, which keeps its schemas in topics of its own."""
        return self.folder / "registry.pem"

    @property
    def exist(self) -> bool:
        """Whether this broker was ever secured."""
        return self.ca.exists()

    def make(self, now: datetime) -> None:
        """Make what is missing; all certificates anew when they end within a month."""
        if self.exist and valid_until(self.ca.read_bytes()) - now > RENEWED_BEFORE:
            return
        authority = new_authority("codemychart", now)
        for file in (self.broker, self.admin, self.registry):
            issued = authority.issue(file.stem)
            write_private(file, issued.key + issued.certificate + authority.certificate)
        write_private(self.ca, authority.certificate)  # last: with it they exist

    def passwords(self, users: Iterable[str]) -> dict[str, SecretStr]:
        """A password for each user, made when it is first asked for and then the same."""
        kept = self.folder / "passwords.json"
        known: dict[str, str] = json.loads(kept.read_text()) if kept.exists() else {}
        missing = {u: secrets.token_urlsafe(PASSWORD_BYTES) for u in users if u not in known}
        if missing:
            write_private(kept, json.dumps(known | missing))
        return {user: SecretStr((known | missing)[user]) for user in users}
