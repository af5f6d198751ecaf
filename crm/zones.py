"""Where a number is at home: its country and the time zones its owner may live in.

Brazil: each of the 67 area codes of the national numbering plan (Anatel, Resolução 749/2022,
"Códigos Nacionais") lies in one of the country's four legal times (Lei 11.662/2008 and Lei
12.876/2013; IANA `zone1970.tab`), but for two: 97 covers western Amazonas, whose thirteen
municipalities along the border keep Acre's time, and 81 the island of Fernando de Noronha. There
both zones are given, and who asks "may I write now?" must be right in all of them. There has been
no summer time in Brazil since 2019, so one zone of a family speaks for all. Elsewhere
libphonenumber's table of zones by prefix is asked; it names several zones where the numbers of a
country do not tell.
"""

from functools import lru_cache

import phonenumbers
from phonenumbers import timezone

from crm.phones import AREA_CODES, BRAZIL

NORONHA = "America/Noronha"  # UTC-2
BRASILIA = "America/Sao_Paulo"  # UTC-3
AMAZON = "America/Manaus"  # UTC-4
ACRE = "America/Rio_Branco"  # UTC-5

_ELSEWHERE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("65", "66", "67", "69", "92", "95"), (AMAZON,)),  # MT, MS, RO, AM, RR
    "68": (ACRE,),
    "81": (BRASILIA, NORONHA),
    "97": (AMAZON, ACRE),
}
AREA_ZONES: dict[str, tuple[str, ...]] = {
    code: _ELSEWHERE.get(code, (BRASILIA,)) for code in sorted(AREA_CODES)
}

# Country codes that several countries share; there more digits tell.
_SHARED_CODES = (1, 7)
# No table of libphonenumber looks at more digits than these.
_PREFIX = 9


def zones_of(address: str) -> tuple[str, ...]:
    """The IANA zones that the owner of this address may be in; empty when it does not tell.

    Args:
        address: E.164 with plus, or a WhatsApp id (digits); ids without a number tell nothing.
    """
    digits = address.removeprefix("+")
    if digits.startswith(BRAZIL):
        return AREA_ZONES.get(digits[2:4], ())
    return _foreign(digits[:_PREFIX], len(digits))[1] if digits.isdecimal() else ()


def country_of(address: str) -> str:
    """The country (ISO 3166, two letters) of this address; empty when it does not tell.

    A business-scoped id of WhatsApp begins with it (`BR.1502576394655843`).
    """
    digits = address.removeprefix("+")
    if digits.startswith(BRAZIL):
        return "BR"
    if digits.isdecimal():
        return _foreign(digits[:_PREFIX], len(digits))[0]
    country, dot, _ = address.partition(".")
    return country if dot and len(country) == 2 else ""


@lru_cache(maxsize=16_384)
def _foreign(prefix: str, length: int) -> tuple[str, tuple[str, ...]]:
    """Country and zones of all numbers that begin so."""
    try:
        number = phonenumbers.parse("+" + prefix.ljust(length, "5"), None)
    except phonenumbers.NumberParseException:
        return "", ()
    found = timezone.time_zones_for_number(number)
    zones = () if found == (timezone.UNKNOWN_TIMEZONE,) else found
    return _country(number), zones


def _country(number: phonenumbers.PhoneNumber) -> str:
    code = number.country_code or 0
    shared = phonenumbers.region_code_for_number(number) if code in _SHARED_CODES else None
    country = shared or phonenumbers.region_code_for_country_code(code)
    return "" if country == "ZZ" else country
