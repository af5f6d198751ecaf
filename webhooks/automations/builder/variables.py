"""The values that texts may name, each with what it is in the newest event: the menu beside a text
and the preview below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _

from core.ids import uuid7
from crm.audiences.values import Text
from crm.selectors import attribute_labels
from events.models import Event
from webhooks.automations import event_types, placeholders, registry
from webhooks.automations.definition import Definition
from webhooks.automations.happening import Happening
from webhooks.automations.placeholders import Placeholder
from webhooks.automations.scene import Scene

# Where the newest event says nothing: what such a value looks like. Not translated: it is data.
EXAMPLES = {
    "contact.name": "Ana Souza",
    "contact.first_name": "Ana",
    "contact.phone": "+5511987654321",
    "contact.email": "ana@example.com",
    "event.name": "Ana Souza",
    "event.phone": "+5511987654321",
    "event.email": "ana@example.com",
    "event.order_id": "10234",
    "event.amount": "R$ 89,90",
    "event.product": "Curso de café",
    "event.pix_code": "00020126580014br.gov.bcb.pix0136",
    "event.link": "https://example.com/pedido/10234",
    "event.expires_at": "22/11/2026 18:00",
    "event.occurred_at": "22/11/2026 17:30",
    "event.text": "Oi, quanto custa?",
}
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Variable:
    """A line of the menu."""

    placeholder: str
    label: Text
    sample: str


class Sample:
    """The newest event that a definition begins with, as its texts would see it."""

    def __init__(self, definition: Definition) -> None:
        trigger = definition["trigger"]
        found = registry.trigger_of(str(trigger.get("kind") or ""))
        self._types = tuple(found.types(trigger.get("params") or {})) if found else ()
        self._values = {*(found.values if found else ()), *event_types.values_of(self._types)}

    def value_of(self, name: str) -> str:
        """Of a placeholder; an example where the newest event and its contact have none."""
        return self._scene.value_of(name) or EXAMPLES.get(name, "")

    @cached_property
    def menu(self) -> list[tuple[str, list[Variable]]]:
        """All values that can be named, in groups."""
        names = {"contact": _("Contact"), "event": _("Event"), "company": _("Company")}
        groups: dict[str, list[Variable]] = {}
        for one in placeholders.menu(attribute_labels(), self._fields):
            if self._has(one):
                groups.setdefault(names[one.group], []).append(self._line(one))
        return list(groups.items())

    @cached_property
    def _event(self) -> Event | None:
        if not self._types:
            return None
        return Event.objects.filter(type__in=self._types).order_by("-uid").first()

    @cached_property
    def _scene(self) -> Scene:
        now = timezone.now()
        if self._event is None:
            return Scene(Happening(uuid7(), "", now), None, now=now)
        happening = Happening.of(self._event)
        contacts = happening.contact_ids()
        return Scene(happening, contacts[0] if contacts else None, now=now)

    @property
    def _fields(self) -> Sequence[str]:
        """What the source told besides, by name."""
        fields = self._event.data.get("fields") if self._event else None
        return sorted(fields) if isinstance(fields, dict) else ()

    def _has(self, one: Placeholder) -> bool:
        """Whether events of this trigger have it; before a trigger is chosen, all are offered."""
        group, _dot, name = one.name.partition(".")
        if group != "event" or not self._types or name.startswith("fields."):
            return True
        return name in self._values

    def _line(self, one: Placeholder) -> Variable:
        return Variable("{{" + one.name + "}}", one.label, self.value_of(one.name)[:SHOWN])
