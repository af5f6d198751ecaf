"""What a post was understood to say, as rows for people: names of fields, values as they read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.ui import formatting
from webhooks.sources import words
from webhooks.sources.kinds import label_of
from webhooks.sources.mapping import TARGETS
from webhooks.sources.normalised import Normalised

Row = tuple[str | Promise, str]
OWN_KIND = _("What the system calls it")
_OWN_KINDS = {"event", "event_name", "event_type", "evento", "tipo_evento", "webhook_event_type"}
_HEADED = ("kind", "event_id")  # stands above the rows; is told by its key


@dataclass(frozen=True, slots=True)
class Understood:
    """One thing that happened.

    Attributes:
        label: our name for it; empty if nothing says what happened.
        rows: what was said of it, under our names.
        fields: what was said besides, under the system's names.
    """

    label: str
    rows: list[Row]
    fields: list[Row]


def understood(one: Normalised) -> Understood:
    """What was said, without what was not."""
    return Understood(label=label_of(one.kind), rows=list(_rows(one)), fields=_fields(one))


def field_label(name: str) -> str | Promise:
    """What people call a field that a system told besides: the one in which it says what happened
    in its own word is explained, the others keep their names."""
    return OWN_KIND if words.spelling(name) in _OWN_KINDS else name


def _rows(one: Normalised) -> Iterator[Row]:
    if one.own_kind:
        yield OWN_KIND, one.own_kind
    for target in TARGETS:
        if target.name not in _HEADED and (value := _value(one, target.name)):
            yield target.label, value
    if one.key:
        yield _("Key that is told once"), one.key


def _fields(one: Normalised) -> list[Row]:
    return [(field_label(name), value) for name, value in one.fields.items()]


def _value(one: Normalised, name: str) -> str:
    value = getattr(one, name)
    if value is None:
        return ""
    if name == "amount":
        return formatting.money(Decimal(value) / 100, one.currency or "BRL")
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return formats.date_format(local, "SHORT_DATETIME_FORMAT")
    return str(value)
