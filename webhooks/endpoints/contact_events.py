"""What the outside hears of tags and lists: one event for each contact, though we tell them in
batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.db.models import Model

from core import ids
from crm.models import ContactList, Tag
from events.models import Event
from webhooks.endpoints.contact_snapshots import CONTACT_SAMPLE, CONTACT_SCHEMA, Snapshots
from webhooks.endpoints.outgoing import Outgoing
from webhooks.endpoints.samples import sample_id
from webhooks.endpoints.shapes import an_object, id_schema

VERSION = 1


@dataclass(frozen=True, slots=True)
class Kind:
    """How a batch is told one by one.

    Attributes:
        noun: what the contacts got or lost, in `data`.
        inner: the field of the fact that names it.
        type: what it is called outside.
    """

    noun: str
    inner: str
    model: type[Model]
    prefix: str
    sample_name: str
    type: str

    @property
    def schema(self) -> dict[str, Any]:
        """Of `data`."""
        thing = an_object({"id": id_schema(self.prefix), "name": {"type": "string"}})
        return an_object({"contact": CONTACT_SCHEMA, self.noun: thing})

    @property
    def sample(self) -> dict[str, Any]:
        """Of `data`."""
        thing = {"id": sample_id(self.prefix), "name": self.sample_name}
        return {"contact": CONTACT_SAMPLE, self.noun: thing}


KINDS = {
    "contacts.tagged": Kind("tag", "tag", Tag, "tag", "VIP", "contact.tagged"),
    "contacts.untagged": Kind("tag", "tag", Tag, "tag", "VIP", "contact.untagged"),
    "contacts.listed": Kind("list", "list_id", ContactList, "lst", "Newsletter", "contact.listed"),
}
BY_NAME = {kind.type: kind for kind in KINDS.values()}


def told(event: Event, wanted: Callable[[str], bool]) -> list[Outgoing]:
    """An event for each contact of a batch, with an id that is the same however often we ask."""
    kind = KINDS[event.type]
    if not wanted(kind.type):
        return []
    key = UUID(event.data[kind.inner])
    name = kind.model._default_manager.filter(pk=key).values_list("name", flat=True).first()
    thing = {"id": ids.encode(kind.prefix, key), "name": name or ""}
    contacts = [UUID(pk) for pk in event.data["contacts"]]
    snapshots = Snapshots(contacts)
    return [
        Outgoing(
            uuid5(event.uid, str(pk)),
            kind.type,
            VERSION,
            {"contact": snapshots.of(pk), kind.noun: thing},
            pk,
        )
        for pk in contacts
    ]
