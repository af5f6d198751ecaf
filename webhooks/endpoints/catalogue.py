"""The public catalogue of events: what they are called outside, what they say, and a sample.

Generated from the dataclasses (`events.facts.catalogue`) and the table of what is public
(`webhooks.endpoints.public_facts`). It only ever grows: a field that changes its meaning is a new
version, and receivers ignore fields that they do not know.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from events.facts import catalogue as facts
from events.models import Event
from webhooks.endpoints import contact_events, message_events, shapes
from webhooks.endpoints.contact_snapshots import Snapshots
from webhooks.endpoints.outgoing import EVENT, Outgoing
from webhooks.endpoints.public_facts import GROUPS, SPLIT, Text
from webhooks.endpoints.samples import MOMENT, sample_id

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Wanted = Callable[[str], bool]
# What is made in another way than field by field, by the fact's type.
_MAKERS: dict[str, Callable[[Event, Wanted], list[Outgoing]]] = {
    "message.received": message_events.received,
    "messages.progressed": message_events.progressed,
    **dict.fromkeys(contact_events.KINDS, contact_events.told),
}


@dataclass(frozen=True, slots=True)
class PublicType:
    """A type of event that the outside may hear of.

    Attributes:
        fact: the type of the fact in our log that it is made from.
        data_schema: JSON Schema of its `data`.
        data_sample: an example of it.
    """

    name: str
    group: str
    group_label: Text
    description: Text
    version: int
    fact: str
    data_schema: dict[str, Any]
    data_sample: dict[str, Any]

    @property
    def schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of the whole body."""
        text = {"type": "string"}
        body = shapes.an_object(
            {
                "id": shapes.id_schema(EVENT.prefix),
                "type": {"const": self.name},
                "version": {"const": self.version},
                "created_at": {**text, "format": "date-time"},
                "company": text,
                "sequence": {"type": "integer"},
                "data": self.data_schema,
            }
        )
        return {"$schema": DIALECT, "title": self.name, **body}

    @property
    def sample(self) -> dict[str, Any]:
        """A whole body."""
        return {
            "id": sample_id(EVENT.prefix),
            "type": self.name,
            "version": self.version,
            "created_at": MOMENT,
            "company": "loja-aurora",
            "sequence": 4711,
            "data": self.data_sample,
        }


@functools.cache
def public_types() -> dict[str, PublicType]:
    """All of them by name, in the order of the pages."""
    return {
        name: _public(name, group.name, group.label, description)
        for group in GROUPS
        for name, description in group.types.items()
        if _fact_of(name) in facts
    }


def facts_behind(types: Collection[str]) -> set[str]:
    """The types of facts in our log that public types are made from; unknown ones have none."""
    known = public_types()
    return {known[name].fact for name in types if name in known}


def outside(event: Event, wanted: Wanted) -> list[Outgoing]:
    """What the outside is told of an event, as far as somebody wants it.

    Args:
        wanted: whether anybody asked for a public type.
    """
    if maker := _MAKERS.get(event.type):
        return maker(event, wanted)
    public = public_types().get(event.type)
    if public is None or not wanted(public.name):
        return []
    fact = facts[public.fact]
    contact = _contact_of(event.data)
    data = shapes.data_of(fact, event.data, Snapshots({contact} if contact else ()))
    return [Outgoing(event.uid, public.name, public.version, data, contact)]


def _contact_of(data: dict[str, Any]) -> UUID | None:
    value = data.get("contact_id") or data.get("contact")
    return UUID(value) if value else None


def _public(name: str, group: str, label: str | Promise, description: str | Promise) -> PublicType:
    fact = _fact_of(name)
    if name.startswith("message."):
        version = message_events.VERSION
        schema, sample = message_events.SCHEMA, message_events.sample(name)
    elif kind := contact_events.BY_NAME.get(name):
        version, schema, sample = contact_events.VERSION, kind.schema, kind.sample
    else:
        version = facts[fact].version
        schema, sample = shapes.schema_of(facts[fact]), shapes.sample_data(facts[fact])
    return PublicType(name, group, label, description, version, fact, schema, sample)


def _fact_of(name: str) -> str:
    return next((fact for fact, parts in SPLIT.items() if name in parts), name)
