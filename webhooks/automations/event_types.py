"""The events that automations may begin with and wait for, as people call them.

What is about nobody (a template was refused) is left out: there is nobody to do something for.
Higher apps add their own with `add`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from crm.audiences.values import Option, Text
from events import labels as facts

# Some shops tell a PIX that was paid as the one, some as the other, and some as both.
PAID = ("pix.paid", "purchase.approved")
SHOP = ("order_id", "amount", "product", "link", "name", "phone", "email")


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of event.

    Attributes:
        values: the fields of its data that texts and conditions may name.
    """

    type: str
    label: Text
    icon: str
    group: str = "shop"
    values: Sequence[str] = SHOP


_types: dict[str, EventType] = {}


def add(*found: EventType) -> None:
    """Offer types of events.

    Raises:
        ValueError: one is offered already.
    """
    for one in found:
        if one.type in _types:
            raise ValueError(f"{one.type} is offered already")
        _types[one.type] = one


def known() -> list[EventType]:
    """All, in the order in which people are offered them."""
    return list(_types.values())


def label_of(name: str) -> str:
    """What people call a type; its name, where nobody said."""
    found = _types.get(name)
    return str(found.label) if found else facts.label_of(name)


def labels(names: Collection[str]) -> str:
    """Several of them in a sentence."""
    return str(_(" or ")).join(label_of(name) for name in names)


def options() -> list[Option]:
    return [Option(one.type, one.label) for one in _types.values()]


def values_of(names: Collection[str]) -> list[str]:
    """The fields that events of these types have."""
    found = (value for name in names if name in _types for value in _types[name].values)
    return list(dict.fromkeys(found))


add(
    EventType(
        "pix.created",
        _("PIX created"),
        "qr-code",
        values=("pix_code", "expires_at", *SHOP),
    ),
    EventType("pix.paid", _("PIX paid"), "circle-check"),
    EventType("pix.expired", _("PIX expired"), "timer-off"),
    EventType("purchase.approved", _("Purchase approved"), "shopping-bag"),
    EventType("purchase.refused", _("Payment refused"), "circle-x"),
    EventType("purchase.refunded", _("Purchase refunded"), "undo-2"),
    EventType("cart.abandoned", _("Cart abandoned"), "shopping-cart"),
    EventType("boleto.created", _("Boleto created"), "barcode", values=("expires_at", *SHOP)),
    EventType("subscription.created", _("Subscription created"), "repeat"),
    EventType("subscription.renewed", _("Subscription renewed"), "repeat"),
    EventType("subscription.late", _("Subscription late"), "clock-alert"),
    EventType("subscription.cancelled", _("Subscription cancelled"), "circle-x"),
    EventType("lead.created", _("Lead created"), "user-plus"),
    EventType("source.said", _("Another event of a source"), "webhook", values=("kind", *SHOP)),
    EventType("message.received", _("Message received"), "message-circle", "messages", ("text",)),
    EventType("conversation.opened", _("Conversation opened"), "inbox", "messages", ()),
    EventType("conversation.resolved", _("Conversation resolved"), "check-check", "messages", ()),
    EventType("conversation.rated", _("Service rated"), "star", "messages", ("score",)),
    EventType("conversation.sla_breached", _("Answer is late"), "timer", "messages", ()),
    EventType("contact.created", _("Contact created"), "user-plus", "contacts", ("source",)),
    EventType("contact.opted_in", _("Contact opted in"), "thumbs-up", "contacts", ("channel",)),
    EventType("contact.opted_out", _("Contact opted out"), "thumbs-down", "contacts", ("channel",)),
)
