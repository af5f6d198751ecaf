"""What every customer's message has, whichever provider brings it."""

from __future__ import annotations

from typing import Any

from sandbox.phones import canonical


class InboundError(ValueError):
    """The request does not describe something a customer could send."""


def person_of(data: dict[str, Any]) -> str:
    """Who writes, as canonical digits. Raises InboundError."""
    person = canonical(str(data.get("from", "")))
    if not 7 <= len(person) <= 15:
        raise InboundError("from: a phone number with its country code is expected")
    return person
