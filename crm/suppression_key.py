"""HMACs of addresses: suppressions hold no phone number, and companies cannot be compared.

The key is random, one per company, and rests encrypted in its schema, so that rotating the
encryption keys re-seals it and changes no HMAC.
"""

import hmac
import secrets
from collections.abc import Callable, Iterable
from functools import partial

from crm import phones
from crm.models import SuppressionKey

Digester = Callable[[str], str]


def digester() -> Digester:
    """What `digest` does, for many addresses at one look at the key."""
    return partial(_digest, _key())


def digests(addresses: Iterable[str]) -> dict[str, str]:
    """Each address with the HMAC of its canonical spelling, for one look at the key."""
    digest_with_key = digester()
    return {address: digest_with_key(address) for address in addresses}


def digest(address: str) -> str:
    """The HMAC of one address; both spellings of a Brazilian mobile have the same."""
    return _digest(_key(), address)


def _digest(key: bytes, address: str) -> str:
    message = phones.canonical(address).encode()
    return hmac.digest(key, message, "sha256").hex()


def _key() -> bytes:
    row = SuppressionKey.objects.first()
    if row is None:
        # Two at once: one insert wins, both read it.
        made = SuppressionKey(secret=secrets.token_hex(32))  # type: ignore[misc]
        SuppressionKey.objects.bulk_create([made], ignore_conflicts=True)
        row = SuppressionKey.objects.get()
    return bytes.fromhex(row.secret)
