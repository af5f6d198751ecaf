"""The business numbers that a customer can write to, whichever provider has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.phones import pretty
from sandbox.state import Sandbox


@dataclass(frozen=True, slots=True)
class Line:
    """One number: its id in ``/_sandbox/inbound``, and what people read."""

    id: str
    provider: str
    name: str
    number: str


def lines(sandbox: Sandbox) -> Iterator[Line]:
    """WhatsApp first, then SMS."""
    for account in sandbox.accounts:
        for number in account.numbers.values():
            yield Line(number.id, "meta", number.verified_name, number.display_phone_number)
    for texting in sandbox.twilio.accounts:
        for one in texting.numbers.values():
            yield Line(one.number, "twilio", f"{texting.friendly_name} SMS", pretty(one.number))
