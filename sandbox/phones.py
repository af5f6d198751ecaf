"""Phone numbers as WhatsApp writes them: digits with the country code, no plus."""

from __future__ import annotations

import hashlib
import re

_NOT_DIGITS = re.compile(r"\D")
_BRAZIL_MOBILE_WITHOUT_NINE = re.compile(r"55[1-9]\d[6-9]\d{7}")
_BRAZIL_MOBILE = re.compile(r"55[1-9]\d9[6-9]\d{7}")


def digits(text: str) -> str:
    """Only the digits of ``text``."""
    return text if text.isdigit() else _NOT_DIGITS.sub("", text)


def canonical(number: str) -> str:
    """One form for both spellings of a Brazilian mobile: the one with the ninth digit."""
    number = digits(number)
    if len(number) == 12 and _BRAZIL_MOBILE_WITHOUT_NINE.fullmatch(number):
        return f"{number[:4]}9{number[4:]}"
    return number


def without_nine(number: str) -> str:
    """The eight-digit spelling that WhatsApp still uses for older Brazilian accounts."""
    number = canonical(number)
    if _BRAZIL_MOBILE.fullmatch(number):
        return number[:4] + number[5:]
    return number


def pretty(number: str) -> str:
    """For people: ``+55 11 98765-4321``; other countries as ``+`` and digits."""
    number = digits(number)
    if number.startswith("55") and len(number) in (12, 13):
        return f"+55 {number[2:4]} {number[4:-4]}-{number[-4:]}"
    return f"+{number}"


def user_id(number: str) -> str:
    """The business-scoped user id (BSUID) that stands for this person since usernames exist.

    Real ones look like ``BR.1502576394655843``; ours is derived from the number, so that it is
    the same in every run.
    """
    number = canonical(number)
    country = "BR" if number.startswith("55") else "US"
    return f"{country}.{int(hashlib.sha256(number.encode()).hexdigest()[:13], 16) % 10**16:016d}"
