"""Addresses as people may see them on a list that must not hold any: enough to recognise one."""

from __future__ import annotations

import re

import phonenumbers

from crm import phones

DOTS = "•••••"
SHOWN = 4  # of the end
LENGTH = 40
_BRAZILIAN = re.compile(r"\+55(\d{2})\d{4,5}(\d{4})")


def mask(address: str) -> str:
    """`+55 (11) •••••-4321`; of foreign numbers the country code and the end, of ids the end."""
    number = phones.canonical(address)
    if match := _BRAZILIAN.fullmatch(number):
        return f"+55 ({match[1]}) {DOTS}-{match[2]}"
    end = number[-SHOWN:] if len(number) > SHOWN else ""
    if number.startswith("+"):
        return f"+{_country(number)} {DOTS}{end}"
    return f"{DOTS}{end}"[:LENGTH]


def _country(number: str) -> str:
    try:
        return str(phonenumbers.parse(number).country_code)
    except phonenumbers.NumberParseException:
        return ""
