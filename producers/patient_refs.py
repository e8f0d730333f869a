"""Pseudonyms of patients by keyed hash: one for one patient; only the key's holder can tell whose.

A reference is ``<key id>-<32 hex digits>``: the first half of HMAC-SHA256 over the identifier (RFC
2104; half is what its section 5 asks for at least). A key file has a key a line, ``<id> <secret>``,
the secret in base64; the last line's key makes new references, the ones above it are there to find
what an earlier key made. Losing the file loses the way back; whoever has it can try identifiers.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clinical_coding.errors import SettingsError
from clinical_coding.note import PatientRef
from schemas.note_rows import PatientRefs, no_refs

HEX_DIGITS = 32
SECRET_BYTES = 32  # RFC 2104 section 3: as many as the hash has
KEY_ID = re.compile(r"[A-Za-z0-9_.]{1,32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientKey:
    """One key; its id is in every reference that it makes."""

    identity: str
    secret: bytes = field(repr=False)

    def ref(self, patient_id: str) -> PatientRef:
        """The patient's reference; blanks around the identifier do not count."""
        digest = hmac.new(self.secret, patient_id.strip().encode(), hashlib.sha256).hexdigest()
        return PatientRef(f"{self.identity}-{digest[:HEX_DIGITS]}")


def refs_by(keys: Sequence[PatientKey]) -> PatientRefs:
    """References by the newest key, none without a key."""
    return keys[-1].ref if keys else no_refs


def read_keys(path: Path | None) -> tuple[PatientKey, ...]:
    """The keys of a file, oldest first; none where no file is set.

    Raises SettingsError, naming the line and never what stands there.
    """
    if path is None:
        return ()
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"expected a file of patient keys; got {type(error).__name__}; check "
            "CMC_PRODUCER_PATIENT_KEYS, or make one with `codemychart patient-refs --add-key ID`"
        ) from None
    keys = tuple(_key(line, number) for number, line in enumerate(lines, 1) if line.strip())
    if not keys or len({key.identity for key in keys}) < len(keys):
        raise SettingsError(
            f"expected patient keys, each with an id of its own; got {len(keys)} lines; correct "
            "the file of CMC_PRODUCER_PATIENT_KEYS"
        )
    return keys


def new_key_line(identity: str) -> str:
    """A line for the key file with a secret that is new. Raises SettingsError for an odd id."""
    if not KEY_ID.fullmatch(identity):
        raise SettingsError(
            f"expected a key id of at most 32 letters, digits, _ and .; got {len(identity)} "
            "characters; choose another, for instance 2026b"
        )
    return f"{identity} {base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}\n"


def _key(line: str, number: int) -> PatientKey:
    identity, _, secret = line.strip().partition(" ")
    try:
        content = base64.b64decode(secret, validate=True)
    except binascii.Error:
        content = b""
    if not KEY_ID.fullmatch(identity) or len(content) < SECRET_BYTES:
        raise SettingsError(
            f"expected an id and at least {SECRET_BYTES} bytes in base64 in line {number} of "
            "CMC_PRODUCER_PATIENT_KEYS; got something else; make keys with `codemychart "
            "patient-refs --add-key ID`"
        )
    return PatientKey(identity=identity, secret=content)
