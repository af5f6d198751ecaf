"""An event as it is about to leave, and the envelope that every receiver gets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from core.ids import PublicId

EVENT = PublicId("evt")
MOST_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What the outside is told.

    Attributes:
        id: the same for the same event however often it is told: receivers dedupe by it.
        contact: whom it is about; None if nobody.
    """

    id: UUID
    type: str
    version: int
    data: dict[str, Any]
    contact: UUID | None = None


def envelope(outgoing: Outgoing, *, at: datetime, company: str, sequence: int) -> dict[str, Any]:
    """What is written into the body.

    Args:
        company: its address, as in `/c/<company>/`.
        sequence: the place in the company's log, for receivers who put events in order.
    """
    return {
        "id": EVENT.encode(outgoing.id),
        "type": outgoing.type,
        "version": outgoing.version,
        "created_at": at.isoformat(),
        "company": company,
        "sequence": sequence,
        "data": outgoing.data,
    }


def frozen(told: dict[str, Any]) -> bytes:
    """The bytes that every attempt sends: what would be larger than 256 KiB keeps its ids alone
    and says so by `truncated`."""
    body = orjson.dumps(told)
    if len(body) <= MOST_BYTES:
        return body
    return orjson.dumps({**told, "data": {**_thin(told["data"]), "truncated": True}})


def _thin(data: dict[str, Any]) -> dict[str, Any]:
    """Ids and other short values; of a thing inside, its id."""
    thin: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, dict) and "id" in value:
            thin[name] = {"id": value["id"]}
        elif isinstance(value, str | bool | int | float | None) and len(str(value)) <= 200:
            thin[name] = value
    return thin
