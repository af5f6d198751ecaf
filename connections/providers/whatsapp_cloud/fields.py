"""Reading loosely typed JSON: what is missing or of another type reads as empty."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_LATEST = 4_102_444_800  # 2100: beyond it a number is milliseconds or nonsense
_SHA256_BYTES = 32


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a callback an item stands: whose it is and who is introduced beside it."""

    account_id: str
    number_id: str
    field: str
    time: Any = None  # the entry's, for items without one of their own
    contacts: Sequence[Mapping[str, Any]] = ()


def moment(value: Any) -> datetime:
    """A time from epoch seconds (text or number). Raises ValueError when it is not one."""
    seconds = float(value)
    if seconds > _LATEST:
        seconds /= 1000
    return datetime.fromtimestamp(seconds, UTC)


def hex_digest(value: str) -> str:
    """Meta writes the SHA-256 of received media in base64; hex as we keep it, "" if unreadable."""
    if len(value) == _SHA256_BYTES * 2:
        return value.lower()
    try:
        digest = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return digest.hex() if len(digest) == _SHA256_BYTES else ""
