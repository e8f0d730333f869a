"""A note's text under lock and key: envelope encryption, docs/adr/0018-sealed-note-text.md.

Each text is encrypted by AES-256-GCM (NIST SP 800-38D) under a data key, and the data key travels with
it, wrapped under a key that does not travel. Ciphertext and key belong to one note version: moved to
another note they do not open.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clinical_coding.errors import BrokenContractError, SealedTextError
from clinical_coding.note import NoteStatus
from schemas.note_signed import NoteSigned, SealedText

DATA_KEY_BITS = 256
NONCE_BYTES = 12
TEXTS_A_KEY = 1000  # so few calls of a key service, and far from what random nonces allow (2**32)
KEYS_HELD = 256  # unwrapped ones, in memory
PURPOSE = "codemychart note text 1"
TEXT_KEY_HEADER = "cmc_text_key"  # tells the key's id to who does not decode the value
TextStep = Callable[[NoteSigned], NoteSigned]


class KeyService(Protocol):
    """Who holds the keys that wrap data keys: a local file, or a key management service."""

    def wrap(self, data_key: bytes) -> tuple[str, bytes]:
        """The id of the key that is used now, and the data key under it.

        Raises UnavailableError when the service does not answer.
        """

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        """The data key.

        Raises SealedTextError when there is no such key or it does not fit, UnavailableError when
        the service does not answer.
        """


class Sealer:
    """Seals texts, a thousand under one data key; not for several threads."""

    def __init__(self, keys: KeyService) -> None:
        self._keys = keys
        self._left = 0

    def __call__(self, event: NoteSigned) -> NoteSigned:
        """The event with its text sealed. Raises BrokenContractError when that is no Unicode."""
        if not self._left:
            self._data_key = AESGCM.generate_key(DATA_KEY_BITS)
            self._key_id, self._wrapped = self._keys.wrap(self._data_key)
            self._left = TEXTS_A_KEY
        self._left -= 1
        nonce = os.urandom(NONCE_BYTES)
        sealed = SealedText(
            key_id=self._key_id,
            wrapped_key=self._wrapped,
            nonce=nonce,
            ciphertext=AESGCM(self._data_key).encrypt(nonce, _bytes(event), _belongs_to(event)),
        )
        return replace(event, text="", sealed_text=sealed)


class Opener:
    """Opens sealed texts; data keys that were unwrapped lately are held in memory."""

    def __init__(self, keys: KeyService) -> None:
        self._unwrap = lru_cache(KEYS_HELD)(keys.unwrap)

    def __call__(self, event: NoteSigned) -> NoteSigned:
        """The event with its text readable, or as it is where it is not sealed or nobody needs it.

        Raises SealedTextError when the key is another or the bytes were changed.
        """
        sealed = event.sealed_text
        if sealed is None or event.status is NoteStatus.RETRACTED:
            return event
        data_key = self._unwrap(sealed.key_id, sealed.wrapped_key)
        try:
            text = AESGCM(data_key).decrypt(sealed.nonce, sealed.ciphertext, _belongs_to(event))
            return replace(event, text=text.decode(), sealed_text=None)
        except (InvalidTag, ValueError) as error:
            raise SealedTextError(
                f"expected a text that opens under its key and for its note; got "
                f"{type(error).__name__} from {len(sealed.ciphertext)} bytes; it was changed or "
                "sealed for another note: publish it again"
            ) from None


def sealing(keys: KeyService | None) -> TextStep:
    """What a producer does to each event: nothing without keys."""
    return Sealer(keys) if keys else unsealed


def opening(keys: KeyService | None) -> TextStep:
    """What a reader of texts does to each event; without keys one that is sealed is refused."""
    return Opener(keys) if keys else _without_key


def unsealed(event: NoteSigned) -> NoteSigned:
    """The event as it is."""
    return event


def _without_key(event: NoteSigned) -> NoteSigned:
    if event.sealed_text is not None and event.status is not NoteStatus.RETRACTED:
        raise SealedTextError(
            "expected a text that is not sealed; got one that is, and no key; set "
            "CMC_ENCRYPTION_KEYS, then redrive it"
        )
    return event


def _bytes(event: NoteSigned) -> bytes:
    try:
        return event.text.encode()
    except UnicodeEncodeError:
        raise BrokenContractError(
            "expected a text of Unicode characters; got half characters; correct the record"
        ) from None


def _belongs_to(event: NoteSigned) -> bytes:
    return "\x1f".join((PURPOSE, event.note_id, str(event.note_version))).encode()
