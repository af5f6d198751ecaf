"""What providers posted about a person: items stay, as facts that something came, and are empty."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from crm import traces
from crm.traces import Scan, Subject, deleted
from events.facts import catalogue
from events.models import Event
from webhooks.enums import ItemState
from webhooks.ingress.models import ParkedItem
from webhooks.items import BUNDLE
from webhooks.models import Item
from webhooks.services.inbox import WAITING
from webhooks.sources.events import SourceFact

ERASED: dict[str, Any] = {"erased": True}
# What a source's fact may say of a person.
SAID: dict[str, Any] = {
    "name": "", "phone": "", "email": "", "pix_code": "", "link": "", "key": "", "fields": {},
}  # fmt: skip


def register() -> None:
    """Called once, from AppConfig.ready()."""
    traces.add_place(
        Scan(Item, ["data", "key", "error"], _silence, rows=_received, label=_("Received items"))
    )
    told = Scan(Event, ["data"], _unsay, rows=_told, label=_("Lines of the log of events"))
    told.name = "webhooks.sources.events.SourceFact"  # crm has a place of its own in the log
    traces.add_place(told)
    traces.add_place(Scan(ParkedItem, ["item"], deleted, rows=_parked, label=_("Received items")))


def _told(subject: Subject) -> QuerySet[Event]:
    """What sources told, in the log of events."""
    types = [name for name, fact in catalogue.items() if issubclass(fact, SourceFact)]
    return Event.objects.filter(type__in=types, occurred_at__lte=subject.until)


def _unsay(rows: QuerySet[Event], _subject: Subject) -> int:
    """Events about this person keep their ids, amounts and times, and lose what names somebody."""
    events = list(rows.select_for_update(of=("self",)).order_by("pk"))
    for event in events:
        event.data = {**event.data, **{key: SAID[key] for key in SAID if key in event.data}}
    Event.objects.bulk_update(events, ["data"], batch_size=500)
    return len(events)


def _received(subject: Subject) -> QuerySet[Item]:
    """Up to the moment at which it was asked for: what they write later is their own act."""
    return Item.objects.filter(received_at__lte=subject.until)


def _parked(subject: Subject) -> QuerySet[ParkedItem]:
    """What came for this company's numbers before they were connected."""
    numbers = Connection.objects.values_list("external_id", flat=True)
    rows = ParkedItem.objects.filter(external_id__in=list(numbers))
    return rows.filter(created_at__lte=subject.until)


def _silence(rows: QuerySet[Item], subject: Subject) -> int:
    """Items about this person are emptied, and ignored if they were not handled; of receipts of
    many people that stand together theirs alone go."""
    items = list(rows.select_for_update(of=("self",)).order_by("pk"))
    for item in items:
        if item.kind == BUNDLE and "receipts" in item.data:
            told = item.data["receipts"]
            others = [one for one in told if not subject.is_in(json.dumps(one))]
            item.data = {**item.data, "receipts": others}
        else:
            item.data = ERASED
            item.state = ItemState.IGNORED if item.state in WAITING else item.state
        item.key = item.error = ""
    Item.objects.bulk_update(items, ["data", "state", "key", "error"], batch_size=500)
    return len(items)
