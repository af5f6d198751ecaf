"""One card's form: a control for each field of its kind, read back as the definition keeps it.

The names of the controls are those of the fields; what has parts has them behind a dash
(`delay-amount`, `values-nome`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import available_timezones

from django.http import QueryDict
from django.utils.translation import gettext as _

from core.ids import uuid_of
from crm.audiences.values import BadValue, Option, Text
from messaging.models import Template
from webhooks.automations.values import Field, Row

SEVERAL = "choices"
# Inputs that may hold values of the event and the contact.
SAYING = ("textarea", "line")
_EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True)
class Control:
    """A field as its form shows it.

    Attributes:
        raw: what was typed, or what the definition keeps.
        error: why it cannot be kept.
    """

    field: Field
    raw: Any = None
    error: Text = ""

    @property
    def name(self) -> str:
        """Of its input."""
        return self.field.name

    @property
    def id(self) -> str:
        """Of its input, for its label."""
        return f"card-{self.field.name}"

    @property
    def input(self) -> str:
        """How it is asked for: `webhooks.automations.values`."""
        return self.field.value.input

    @property
    def says(self) -> bool:
        """Whether values of the event and the contact can stand in it."""
        return self.input in SAYING or self.parted

    @property
    def parted(self) -> bool:
        """Whether it is a text for each variable of a template."""
        return self.input == "template_values"

    @property
    def text(self) -> str:
        """What a plain input shows."""
        if self.raw is None:
            return ""
        if self.input == "money" and isinstance(self.raw, int):
            return f"{Decimal(self.raw) / 100:.2f}"
        if isinstance(self.raw, list | tuple):
            return "\n".join(str(one) for one in self.raw)
        return str(self.raw)

    @property
    def values(self) -> list[str]:
        """What is ticked."""
        given = self.raw if isinstance(self.raw, list | tuple) else [self.raw]
        return [str(one) for one in given if one not in (None, "")]

    @property
    def is_on(self) -> bool:
        """Whether a switch is on."""
        return self.raw in (True, "true", "on", "1")

    @property
    def amount(self) -> str:
        """Of a duration."""
        return str(self.raw.get("amount", "")) if isinstance(self.raw, Mapping) else ""

    @property
    def unit(self) -> str:
        """Of a duration."""
        return str(self.raw.get("unit", "")) if isinstance(self.raw, Mapping) else ""

    @cached_property
    def options(self) -> Sequence[Option]:
        """What there is to choose."""
        if self.input == "zone":
            return _zones()
        value = self.field.value
        options = list(value.options())
        if isinstance(value, Row) and self.text not in {"", *(one.value for one in options)}:
            options += [one for one in [value.chosen(self.text)] if one]
        return options

    @property
    def blank(self) -> str:
        """The line of a list that chooses nothing."""
        return _("Choose…") if self.field.is_required else "—"

    def refused(self, why: Text) -> Control:
        """The same with what is wrong."""
        return replace(self, error=why)

    @property
    def parts(self) -> Mapping[str, str]:
        """The texts of a template's variables, by name."""
        return self.raw if isinstance(self.raw, Mapping) else {}


def kept(fields: Sequence[Field], params: Mapping[str, Any]) -> list[Control]:
    """The controls with what a definition keeps; a new card has the defaults."""
    return [Control(field, params.get(field.name, field.default)) for field in fields]


def sent(fields: Sequence[Field], data: QueryDict) -> list[Control]:
    """The controls with what was typed."""
    return [Control(field, _raw(field, data)) for field in fields]


def read(controls: Sequence[Control]) -> tuple[dict[str, Any], list[Control]]:
    """What the definition keeps of them, and the same controls with what is wrong beside each."""
    params: dict[str, Any] = {}
    checked: list[Control] = []
    for one in controls:
        error: Text = ""
        if one.raw in _EMPTY:
            error = _("Fill this in.") if one.field.is_required else ""
        else:
            try:
                params[one.name] = one.field.value.read(one.raw)
            except BadValue as wrong:
                error = wrong.error.message
        checked.append(replace(one, error=error))
    return params, checked


def template_of(controls: Sequence[Control]) -> Template | None:
    """The template that is chosen in them, if one is."""
    chosen = next((one for one in controls if one.name == "template"), None)
    pk = uuid_of(chosen.text) if chosen else None
    return Template.objects.filter(pk=pk, deleted_at=None).first() if pk else None


@lru_cache(maxsize=1)
def _zones() -> list[Option]:
    """IANA zones of places, without the aliases that have no region."""
    places = (zone for zone in available_timezones() if "/" in zone and zone[:4] != "Etc/")
    return [Option(zone, zone.replace("_", " ")) for zone in sorted(places)]


def _raw(field: Field, data: QueryDict) -> Any:
    kind, name = field.value.input, field.name
    if kind == SEVERAL:
        return data.getlist(name)
    if kind == "flag":
        return name in data
    if kind == "duration":
        amount, unit = data.get(f"{name}-amount", ""), data.get(f"{name}-unit", "")
        return {"amount": amount, "unit": unit} if amount.strip() else None
    if kind == "template_values":
        start = f"{name}-"
        return {key.removeprefix(start): data[key] for key in data if key.startswith(start)}
    return data.get(name, "").replace("\0", "")
