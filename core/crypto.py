"""AES-256-GCM with a keyring, for everything secret that rests in the database.

A sealed value is text: ``v1.<key id>.<base64url(nonce ‖ ciphertext ‖ tag)>``. The nonce is 96
random bits (NIST SP 800-38D §8.2.2; fine up to 2**32 messages a key), the tag 128 bits. The
additional data (``aad``) binds a value to its place: moved to another row, field or company it
does not open. The key id in front makes rotation a matter of finding what is not yet on the
current key.
"""

from __future__ import annotations

import base64
import binascii
import functools
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

VERSION = "v1"
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


class DecryptionError(Exception):
    """A sealed value does not open here. Says why, never what."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys by id; new values are sealed with the current one."""

    current: str
    keys: Mapping[str, AESGCM] = field(repr=False)

    def encrypt(self, plaintext: bytes, aad: bytes) -> str:
        """Seal ``plaintext`` for the place that ``aad`` names."""
        nonce = os.urandom(NONCE_BYTES)
        body = nonce + self.keys[self.current].encrypt(nonce, plaintext, aad)
        return f"{VERSION}.{self.current}.{_to_text(body)}"

    def decrypt(self, sealed: str, aad: bytes) -> bytes:
        """Open ``sealed`` at the place that ``aad`` names, or raise ``DecryptionError``."""
        key_id, body = _split(sealed)
        key = self.keys.get(key_id)
        if key is None:
            raise DecryptionError(f"sealed with key {key_id!r}, which is not in ENCRYPTION_KEYS")
        try:
            return key.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], aad)
        except InvalidTag:
            # From None: the traceback of the library holds the ciphertext and the aad.
            raise DecryptionError("altered, or moved from another row, field or company") from None


def parse_keyring(text: str) -> Keyring:
    """Read ``kid:base64key,kid2:…`` (32-byte keys, the first is current).

    Raises ``ImproperlyConfigured`` with a sentence that never contains a key.
    """
    keys: dict[str, AESGCM] = {}
    for position, entry in enumerate(filter(None, (part.strip() for part in text.split(","))), 1):
        key_id, separator, encoded = entry.partition(":")
        if not separator or not _KEY_ID.fullmatch(key_id):
            raise ImproperlyConfigured(
                f"ENCRYPTION_KEYS: entry {position} is not 'id:key' with an id of letters, "
                "digits, '-' or '_'."
            )
        if key_id in keys:
            raise ImproperlyConfigured(f"ENCRYPTION_KEYS: the id {key_id!r} appears twice.")
        keys[key_id] = AESGCM(_key(key_id, encoded))
    if not keys:
        raise ImproperlyConfigured(
            "ENCRYPTION_KEYS is empty. Set it to 'k1:' followed by 32 random bytes in base64 "
            "(openssl rand -base64 32)."
        )
    return Keyring(current=next(iter(keys)), keys=keys)


def keyring() -> Keyring:
    """The keyring of the settings (text, or keys by id with the current one first)."""
    configured = settings.ENCRYPTION_KEYS
    if isinstance(configured, Mapping):
        return Keyring(next(iter(configured)), {k: AESGCM(v) for k, v in configured.items()})
    return _cached_keyring(configured)


def encrypt(plaintext: bytes, aad: bytes) -> str:
    """Seal with the current key of the settings."""
    return keyring().encrypt(plaintext, aad)


def decrypt(sealed: str, aad: bytes) -> bytes:
    """Open with whichever key of the settings sealed it, or raise ``DecryptionError``."""
    return keyring().decrypt(sealed, aad)


_cached_keyring = functools.lru_cache(maxsize=8)(parse_keyring)


def _key(key_id: str, encoded: str) -> bytes:
    try:
        # Both alphabets are in use: openssl writes the standard one, Python's secrets the other.
        padded = encoded + "=" * (-len(encoded) % 4)
        key = base64.b64decode(padded.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(
            f"ENCRYPTION_KEYS: the key {key_id!r} is not {KEY_BYTES} bytes in base64."
        )
    return key


def _split(sealed: str) -> tuple[str, bytes]:
    version, _, rest = sealed.partition(".")
    key_id, _, encoded = rest.partition(".")
    if version != VERSION or not _KEY_ID.fullmatch(key_id):
        raise DecryptionError("not a sealed value of a known version")
    try:
        body = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise DecryptionError("not valid base64") from None
    if len(body) < NONCE_BYTES + TAG_BYTES:
        raise DecryptionError("too short")
    return key_id, body


def _to_text(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode("ascii")
