"""Which ids an event speaks of: the expression that its index and its readers share."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Func, JSONField, QuerySet, Value

from core import ids
from core.errors import InvalidId


class IdsIn(Func):
    """The texts that stand directly in an event's data, as a JSON array: ids, numbers of orders.

    Not those of lists: a wave's fact holds a hundred, which nobody looks for one by one and which
    every send would pay for (docs/decisions/29-event-log.md has the figures).
    """

    function = "jsonb_path_query_array"
    template = """%(function)s(%(expressions)s, '$.* ? (@.type() == "string")')"""
    output_field = JSONField()


class _Holds(Func):
    """Whether such an array has an element."""

    template = "%(expressions)s"
    arg_joiner = " ? "
    output_field = BooleanField()


def speaking_of(rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
    """The events whose data name this id: a contact's, an order's, any; ours also in their public
    form (`con_…`)."""
    return rows.filter(_Holds(IdsIn("data"), Value(plain_id(wanted))))


def plain_id(text: str) -> str:
    """An id as data hold it: a public one as the UUID that it stands for, others as they are."""
    prefix = text.partition(ids.SEPARATOR)[0]
    try:
        return str(ids.decode(prefix, text))
    except InvalidId:
        return text
