"""Keys in local files: a key a line, ``<id> <secret>``, the secret 32 bytes in base64.

The last line's key is the one in use; those above it are there for what an earlier one made.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)

from clinical_coding.errors import SealedTextError, SettingsError
from runtime.private_files import write_private
from runtime.settings import EncryptionSettings

SECRET_BYTES = 32  # AES-256; as many as the hash of HMAC-SHA256 has, too (RFC 2104 section 3)
KEY_ID = re.compile(r"[A-Za-z0-9_.]{1,32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key; its id is told with everything that it makes."""

    identity: str
    secret: bytes = field(repr=False)


def read_keys(path: Path, variable: str) -> tuple[Key, ...]:
    """The keys of a file, oldest first; ``variable`` names the setting that it comes from.

    Raises SettingsError, naming the line and never what stands there.
    """
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"expected a file of keys in {variable}; got {type(error).__name__}; check it, or make "
            "one with `codemychart add-key FILE ID`"
        ) from None
    keys = tuple(_key(line, n, variable) for n, line in enumerate(lines, 1) if line.strip())
    if not keys or len({key.identity for key in keys}) < len(keys):
        raise SettingsError(
            f"expected keys, each with an id of its own, in {variable}; got {len(keys)} lines; "
            "correct the file"
        )
    return keys


def add_key(path: Path, identity: str) -> tuple[Key, ...]:
    """Add a new key, which is in use from now on, and return all; 0600, in one step.

    Raises SettingsError for an odd id or one that is there, OSError when it cannot be written.
    """
    keys = read_keys(path, str(path)) if path.exists() else ()
    if not KEY_ID.fullmatch(identity) or identity in {key.identity for key in keys}:
        raise SettingsError(
            "expected an id of at most 32 letters, digits, _ and . that no key has; got another; "
            "choose one, for instance 2026b"
        )
    new = Key(identity=identity, secret=secrets.token_bytes(SECRET_BYTES))
    write_private(path, "".join(map(_line, (*keys, new))))
    return (*keys, new)


class LocalKeys:
    """Wraps data keys under the keys of a file: AES key wrap (RFC 3394)."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._newest = keys[-1]
        self._secrets = {key.identity: key.secret for key in keys}

    def wrap(self, data_key: bytes) -> tuple[str, bytes]:
        """The newest key's id, and the data key under it."""
        return self._newest.identity, aes_key_wrap(self._newest.secret, data_key)

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        """The data key. Raises SealedTextError when no key of this id is there or it is another."""
        secret = self._secrets.get(key_id)
        try:
            if secret is not None:
                return aes_key_unwrap(secret, wrapped)
        except (InvalidUnwrap, ValueError):
            pass
        raise SealedTextError(
            f"expected one of the {len(self._secrets)} keys of CMC_ENCRYPTION_KEYS; got a text "
            "under another; add the key that sealed it, then redrive it"
        )


def local_keys(settings: EncryptionSettings) -> LocalKeys | None:
    """The keys that wrap data keys; None where no file is set. Raises SettingsError."""
    path = settings.keys
    return LocalKeys(read_keys(path, "CMC_ENCRYPTION_KEYS")) if path else None


def _key(line: str, number: int, variable: str) -> Key:
    identity, _, secret = line.strip().partition(" ")
    try:
        content = base64.b64decode(secret, validate=True)
    except binascii.Error:
        content = b""
    if not KEY_ID.fullmatch(identity) or len(content) != SECRET_BYTES:
        raise SettingsError(
            f"expected an id and {SECRET_BYTES} bytes in base64 in line {number} of {variable}; got "
            "something else; make keys with `codemychart add-key FILE ID`"
        )
    return Key(identity=identity, secret=content)


def _line(key: Key) -> str:
    return f"{key.identity} {base64.b64encode(key.secret).decode()}\n"
