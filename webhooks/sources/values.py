"""Values as shops write them: texts, amounts in reais or centavos, moments in any usual form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_date, parse_datetime

from webhooks.sources import paths

# Times that name no zone are Brasília's: these are shops in Brazil.
BRASILIA = ZoneInfo("America/Sao_Paulo")
_BRAZILIAN_DATE = re.compile(
    r"(\d{2})/(\d{2})/(\d{4})(?:[ T](?P<hour>\d{2}):(\d{2})(?::(\d{2}))?)?"
)
_MILLISECONDS_FROM = 100_000_000_000
MOST_MINOR = 10**15


def text(data: Any, *places: str) -> str:
    """The first of these places that says something, as text; empty if none does."""
    for place in places:
        found = said(paths.find(data, place))
        if found:
            return found
    return ""


def said(value: Any) -> str:
    """A single value as text; objects, lists and nothing are empty."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value) if isinstance(value, int) else ""


def number(value: Any) -> Decimal | None:
    """A number, or how Brazilians and Americans write one ("R$ 1.234,56", "1,234.56")."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        found = str(value)
    elif isinstance(value, str):
        found = re.sub(r"[^\d,.\-]", "", value)
        last_comma, last_point = found.rfind(","), found.rfind(".")
        if last_comma > last_point:
            found = found.replace(".", "").replace(",", ".")
        elif last_comma >= 0:
            found = found.replace(",", "")
        elif found.count(".") > 1:
            found = found.replace(".", "")
    else:
        return None
    try:
        amount = Decimal(found)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < MOST_MINOR else None


def from_major(value: Any) -> int | None:
    """An amount in reais, in centavos."""
    amount = number(value)
    return None if amount is None else int((amount * 100).to_integral_value())


def from_minor(value: Any) -> int | None:
    """An amount that is in centavos already."""
    amount = number(value)
    return None if amount is None else int(amount.to_integral_value())


def moment(value: Any, *, zone: tzinfo = BRASILIA) -> datetime | None:
    """A moment out of ISO 8601, a Brazilian date, or seconds or milliseconds since the epoch.

    Args:
        zone: of times that name none; a day without a time is Brasília's whatever it says.
    """
    if isinstance(value, bool) or value in (None, ""):
        return None
    if isinstance(value, int | float) or (isinstance(value, str) and value.isdecimal()):
        return _of_epoch(float(value))
    if not isinstance(value, str):
        return None
    try:
        found = _brazilian(value.strip(), zone) or parse_datetime(value.strip())
        if found is None and (day := parse_date(value.strip()[:10])):
            found = datetime.combine(day, time(), BRASILIA)
    except ValueError:
        return None
    if found is None:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def rest(data: Mapping[str, Any], *names: str) -> dict[str, str]:
    """These members of an object as texts, where they say something."""
    return {name: told for name in names if (told := said(data.get(name)))}


def _of_epoch(seconds: float) -> datetime | None:
    if seconds >= _MILLISECONDS_FROM:
        seconds /= 1000
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _brazilian(value: str, zone: tzinfo) -> datetime | None:
    found = _BRAZILIAN_DATE.fullmatch(value)
    if found is None:
        return None
    day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
    has_time = found["hour"] is not None
    return datetime(year, month, day, hour, minute, second, tzinfo=zone if has_time else BRASILIA)
