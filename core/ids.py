"""Identities: UUIDv7 inside, prefixed base62 strings outside (``con_0bK…``).

UUIDv7 sorts by time of creation, so primary keys append to their index instead of scattering,
and a page can be cut by (time, id) without ties. The alphabet is in ASCII order and the width is
fixed, so the public form sorts the same way.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from uuid_utils.compat import uuid7 as _uuid7

from core.errors import InvalidId

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
WIDTH = 22  # 62**22 > 2**128 > 62**21
SEPARATOR = "_"
_VALUES = {character: value for value, character in enumerate(ALPHABET)}


def uuid7() -> uuid.UUID:
    """A new time-ordered UUID (RFC 9562, version 7), as the standard library's type."""
    return _uuid7()


def first_uuid7(at: datetime) -> uuid.UUID:
    """Not after any UUIDv7 of this moment or later: what is smaller was made before."""
    return uuid.UUID(int=max(0, int(at.timestamp() * 1000)) << 80)


def uuid_of(text: str | None) -> uuid.UUID | None:
    """The UUID that a form or query string spells, or None for anything else."""
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def uuids_of(texts: Iterable[str]) -> list[uuid.UUID]:
    """Those of the texts that are UUIDs; a page never fails over a wrong parameter."""
    return [found for text in texts if (found := uuid_of(text)) is not None]


def encode(prefix: str, value: uuid.UUID) -> str:
    """The public form of an id: ``prefix`` without underscore, then 22 base62 digits."""
    digits: list[str] = []
    number = value.int
    for _ in range(WIDTH):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return f"{prefix}{SEPARATOR}{''.join(reversed(digits))}"


def decode(prefix: str, text: str) -> uuid.UUID:
    """The UUID behind a public id; raises ``InvalidId`` for any other kind, length or digit."""
    head, separator, body = text.partition(SEPARATOR)
    if head != prefix or not separator or len(body) != WIDTH:
        raise InvalidId(prefix)
    number = 0
    for character in body:
        if character not in _VALUES:
            raise InvalidId(prefix)
        number = number * len(ALPHABET) + _VALUES[character]
    if number >= 1 << 128:
        raise InvalidId(prefix)
    return uuid.UUID(int=number)


@dataclass(frozen=True, slots=True)
class PublicId:
    """One kind of public id, for those who convert many: ``CONTACT = PublicId("con")``."""

    prefix: str

    def encode(self, value: uuid.UUID) -> str:
        return encode(self.prefix, value)

    def decode(self, text: str) -> uuid.UUID:
        return decode(self.prefix, text)
