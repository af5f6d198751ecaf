"""What can stand at a place of a flow, and which fields it has there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.audiences.values import Option, Text
from webhooks.automations import registry
from webhooks.automations.builder import limits
from webhooks.automations.definition import BRANCH, new_step_id
from webhooks.automations.values import Field

TRIGGER, LIMITS = "trigger", "limits"
GROUPS: dict[str, Text] = {
    "events": _("Events"),
    "messages": _("Messages"),
    "contacts": _("Contacts"),
    "contact": _("The contact"),
    "times": _("Times"),
    "team": _("The team"),
    "flow": _("The flow"),
    "event": _("The event"),
    "waits": _("Waiting"),
    "shop": _("Shop"),
    "systems": _("Other systems"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of card as people choose it, and as its form shows it."""

    kind: str
    label: Text
    icon: str
    group: str
    help: Text = ""
    fields: Sequence[Field] = ()

    @property
    def is_bare(self) -> bool:
        """Nothing is asked: choosing it is all."""
        return not self.fields


CHECK = Kind(
    BRANCH,
    _("Check something"),
    "split",
    "flow",
    _("The flow goes on in one of two ways."),
)
_LIMITS = Kind(LIMITS, _("How often"), "gauge", "flow", fields=limits.FIELDS)


def kinds_at(place: str) -> list[Kind]:
    """All that can be chosen there, in the order of the page."""
    if place == TRIGGER:
        return [_of(one, one.group) for one in registry.triggers()]
    actions = [_of(one, one.group) for one in registry.actions()]
    waits = [_of(one, "waits") for one in registry.waits()]
    return [*actions, *waits, CHECK]


def grouped(kinds: Sequence[Kind]) -> list[tuple[Text, list[Kind]]]:
    """Them under their headings."""
    groups: dict[str, list[Kind]] = {}
    for one in kinds:
        groups.setdefault(one.group, []).append(one)
    return [(GROUPS.get(name, name), found) for name, found in groups.items()]


def kind_at(place: str, kind: str) -> Kind | None:
    """The kind of that name, if it can stand there."""
    if place == LIMITS:
        return _LIMITS
    return next((one for one in kinds_at(place) if one.kind == kind), None)


def new_card(place: str, kind: Kind, params: dict[str, Any], step_id: str = "") -> dict[str, Any]:
    """What the definition keeps of a card."""
    if place == TRIGGER:
        return {"kind": kind.kind, "params": params}
    step: dict[str, Any] = {"id": step_id or new_step_id(), "kind": kind.kind}
    if kind.kind == BRANCH:
        return step | {"if": {"join": "all", "items": []}, "then": [], "else": []}
    wait = registry.wait_of(kind.kind)
    ways: dict[str, Any] = {"then": [], "else": []} if wait is not None and wait.branches else {}
    return step | {"params": params} | ways


def options_of_conditions() -> list[tuple[Text, list[Option]]]:
    """What can be asked, in groups; fields of events and contacts are groups of their own."""
    plain = [Option(one.kind, one.label) for one in registry.conditions() if not one.arguments]
    groups: list[tuple[Text, list[Option]]] = []
    for one in registry.conditions():
        if one.arguments:
            found = [Option(f"{one.kind}:{item.value}", item.label) for item in one.arguments()]
            groups.append((one.label, found))
    return [(label, options) for label, options in (*groups, ("", plain)) if options]


def _of(spec: registry.Trigger | registry.Action | registry.Wait, group: str) -> Kind:
    return Kind(spec.kind, spec.label, spec.icon, group, spec.help, spec.fields)
