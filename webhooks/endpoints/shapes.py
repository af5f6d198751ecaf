"""How a fact's fields look outside: public ids instead of keys, a snapshot of the contact, and
nothing of our insides. Schema, sample and conversion come from the same table of the dataclass.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from core import ids
from events.facts import Fact, catalogue
from webhooks.endpoints.contact_snapshots import CONTACT_SAMPLE, CONTACT_SCHEMA, Snapshots
from webhooks.endpoints.samples import sample_id, sample_of

Schema = dict[str, Any]

# The prefix of a public id by the noun that a field is called after.
NOUNS = {
    "bulk": "blk", "campaign": "cmp", "connection": "cnx", "contact": "con", "conversation": "cnv",
    "erasure": "era", "import": "imp", "label": "lbl", "member": "mem", "merge": "mrg",
    "merged": "con", "message": "msg", "rating": "rat", "received": "rcv", "source": "src",
    "team": "tea", "template": "tpl",
}  # fmt: skip
# Lists of ids that are not called after what they hold.
LISTS = {"added": "lbl", "removed": "lbl"}
# Our insides: runs and threads have no name outside, and files' places are nobody's business.
HIDDEN = frozenset({"thread_id", "stream_id", "stream_ids", "media_id"})
SNAPSHOT = "contact"


@dataclass(frozen=True, slots=True)
class Field:
    """One field as the outside sees it.

    Attributes:
        inner: its name in the fact.
        name: its name outside.
        convert: the value outside, of the stored one and the snapshots at hand.
    """

    inner: str
    name: str
    schema: Schema
    sample: Any
    convert: Callable[[Any, Snapshots], Any]


def fields_of(fact: type[Fact]) -> tuple[Field, ...]:
    """The fields of a fact that leave the house, in the order of the dataclass."""
    return _fields_of(fact.type)


@functools.cache
def _fields_of(type_: str) -> tuple[Field, ...]:
    fact = catalogue[type_]
    hints = get_type_hints(fact)
    names = [field.name for field in dataclasses.fields(fact) if field.name not in HIDDEN]
    return tuple(_field(name, hints[name]) for name in names)


def schema_of(fact: type[Fact]) -> Schema:
    """JSON Schema (2020-12) of what a fact says outside."""
    return an_object({field.name: field.schema for field in fields_of(fact)})


def sample_data(fact: type[Fact]) -> dict[str, Any]:
    """What it could say."""
    return {field.name: field.sample for field in fields_of(fact)}


def data_of(fact: type[Fact], data: Mapping[str, Any], snapshots: Snapshots) -> dict[str, Any]:
    """What an event of this fact says outside."""
    return {
        field.name: field.convert(data.get(field.inner), snapshots) for field in fields_of(fact)
    }


def an_object(properties: Mapping[str, Schema]) -> Schema:
    """All properties are always there; new ones may come."""
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def id_schema(prefix: str) -> Schema:
    """Of a public id."""
    pattern = f"^{prefix}_[0-9A-Za-z]{{{ids.WIDTH}}}$"
    return {"type": "string", "pattern": pattern}


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    if isinstance(schema.get("type"), str) and "properties" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _field(inner: str, hint: Any) -> Field:
    kind, is_optional = _without_none(hint)
    noun = _stem(inner)
    if kind is UUID and noun == SNAPSHOT:
        found = Field(inner, noun, CONTACT_SCHEMA, CONTACT_SAMPLE, _snapshot)
    elif kind is UUID:
        found = _id_field(inner, noun, NOUNS[noun])
    elif _is_list_of_ids(kind):
        found = _ids_field(inner, noun)
    else:
        found = Field(inner, inner, _plain_schema(kind), sample_of(inner, kind), _as_it_is)
    return dataclasses.replace(found, schema=nullable(found.schema)) if is_optional else found


def _id_field(inner: str, noun: str, prefix: str) -> Field:
    def convert(value: Any, _snapshots: Snapshots) -> Any:
        return ids.encode(prefix, UUID(value)) if value else None

    return Field(inner, noun, id_schema(prefix), sample_id(prefix), convert)


def _ids_field(inner: str, noun: str) -> Field:
    prefix = LISTS.get(inner) or NOUNS[noun.removesuffix("s")]

    def convert(value: Any, _snapshots: Snapshots) -> Any:
        return [ids.encode(prefix, UUID(each)) for each in value or ()]

    schema = {"type": "array", "items": id_schema(prefix)}
    return Field(inner, noun, schema, [sample_id(prefix)], convert)


def _snapshot(value: Any, snapshots: Snapshots) -> Any:
    return snapshots.of(UUID(value)) if value else None


def _as_it_is(value: Any, _snapshots: Snapshots) -> Any:
    return value


def _stem(inner: str) -> str:
    """`contact_id` and `contact` are a contact, `member_ids` are members."""
    if inner.endswith("_ids"):
        return f"{inner.removesuffix('_ids')}s"
    return inner.removesuffix("_id")


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) not in (Union, UnionType):
        return hint, False
    [kind] = [each for each in get_args(hint) if each is not type(None)]
    return kind, True


def _is_list_of_ids(kind: Any) -> bool:
    return get_origin(kind) is not dict and UUID in get_args(kind)


def _plain_schema(kind: Any) -> Schema:
    simple: dict[Any, Schema] = {
        str: {"type": "string"},
        int: {"type": "integer"},
        bool: {"type": "boolean"},
        float: {"type": "number"},
        datetime: {"type": "string", "format": "date-time"},
    }
    if kind in simple:
        return simple[kind]
    arguments = get_args(kind)
    if get_origin(kind) is dict:
        value = simple.get(arguments[1])
        return {"type": "object", **({"additionalProperties": value} if value else {})}
    if isinstance(get_origin(kind), type) and issubclass(get_origin(kind), Collection):
        return {"type": "array", "items": simple.get(arguments[0], {})}
    message = f"no schema for a field of {kind}"
    raise TypeError(message)
