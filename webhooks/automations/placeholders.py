"""Values in texts: `{{contact.first_name|cliente}}`.

Before the bar stands where the value comes from, behind it what stands there when that is empty;
an empty fallback (`{{contact.name|}}`) leaves it out. A value that is empty and has no fallback
keeps the text from being sent: nobody gets “your code is .”.

    contact.name, contact.first_name, contact.phone, contact.email, contact.attribute.<key>
    event.<field>  of the event's data, `event.fields.<name>` of what a source told besides
    company.name
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from core.ui import formatting
from crm.audiences.values import Text

PATTERN = re.compile(r"\{\{\s*([^{}|]+?)\s*(?:\|([^{}]*))?\}\}")
CONTACT = {
    "name": _("Name"),
    "first_name": _("First name"),
    "phone": _("Phone"),
    "email": _("E-mail"),
}
EVENT = {
    "name": _("Name in the event"),
    "phone": _("Phone in the event"),
    "email": _("E-mail in the event"),
    "order_id": _("Order number"),
    "amount": _("Amount"),
    "product": _("Product"),
    "pix_code": _("PIX code"),
    "link": _("Link"),
    "expires_at": _("Expires"),
    "occurred_at": _("When it happened"),
    "text": _("What the customer wrote"),
}
MOMENTS = ("expires_at", "occurred_at")
_NAME = re.compile(r"[\w .\-/]{1,80}")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A value that a text may have, for the menu.

    Attributes:
        name: as it stands between the braces.
        group: "contact", "event" or "company".
    """

    name: str
    label: Text
    group: str


def unknown(text: str) -> list[str]:
    """Names between braces that no value can have."""
    return [match[1] for match in PATTERN.finditer(text) if not _is_known(match[1])]


def named_in(text: str) -> list[str]:
    """The names between braces."""
    return [match[1] for match in PATTERN.finditer(text)]


def fill(text: str, value_of: Callable[[str], str]) -> tuple[str, list[str]]:
    """The text with its values, and the names of those that are empty and have no fallback."""
    missing: list[str] = []

    def _value(match: re.Match[str]) -> str:
        value = value_of(match[1]) or (match[2] or "").strip()
        if not value and match[2] is None:
            missing.append(match[1])
        return value

    return PATTERN.sub(_value, text).strip(), missing


def event_value(data: Mapping[str, Any], name: str) -> str:
    """A field of an event's data, as people read it."""
    if name.startswith("fields."):
        fields = data.get("fields") or {}
        value = fields.get(name.removeprefix("fields.")) if isinstance(fields, Mapping) else None
    else:
        value = data.get(name)
    if name == "amount" and isinstance(value, int):
        return money(value, str(data.get("currency") or "BRL"))
    if name in MOMENTS and isinstance(value, str):
        return _moment(value)
    return "" if value is None or isinstance(value, dict | list) else str(value)


def money(minor: int, currency: str) -> str:
    """1990 → R$ 19,90."""
    if not currency:
        return formats.number_format(Decimal(minor) / 100, decimal_pos=2, use_l10n=True)
    return formatting.money(Decimal(minor) / 100, currency)


def menu(
    attributes: Mapping[str, str] | None = None, fields: Sequence[str] = ()
) -> list[Placeholder]:
    """What a text may name.

    Args:
        attributes: what the company's own contact fields are called, by key.
        fields: names of the event's `fields`, as a sample shows them.
    """
    return [
        *(Placeholder(f"contact.{name}", label, "contact") for name, label in CONTACT.items()),
        *(
            Placeholder(f"contact.attribute.{key}", label, "contact")
            for key, label in (attributes or {}).items()
        ),
        *(Placeholder(f"event.{name}", label, "event") for name, label in EVENT.items()),
        *(Placeholder(f"event.fields.{name}", name, "event") for name in fields),
        Placeholder("company.name", _("Company"), "company"),
    ]


def _is_known(name: str) -> bool:
    group, _dot, rest = name.partition(".")
    if group == "contact":
        return rest in CONTACT or rest.startswith("attribute.")
    if group == "event":
        return bool(_NAME.fullmatch(rest))
    return name == "company.name"


def _moment(text: str) -> str:
    at: datetime | None = parse_datetime(text)
    if at is None:
        return text
    local = timezone.localtime(at) if timezone.is_aware(at) else at
    return formats.date_format(local, "SHORT_DATETIME_FORMAT")
