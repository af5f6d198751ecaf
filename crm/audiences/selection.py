"""From an audience as it is kept to its contacts, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from crm.audiences.reading import Audience
from crm.audiences.registry import Context, Unresolvable, predicate_of, rule_of
from crm.models import Contact
from crm.querysets import ContactQuerySet

NOBODY = Q(pk__in=[])
# An empty Q will not do: Django forgets it beside an "or" and cannot turn it around.
EVERYBODY = Q(pk__isnull=False)
READ_AHEAD = 50_000


def select(audience: Audience) -> ContactQuerySet:
    """The living contacts of an audience as it is kept, without repeats and in no order.

    Nobody, when something that it needs is gone: an exception that cannot be looked up must not
    let through whom it kept out.
    """
    try:
        condition = condition_of(audience, Context(now=timezone.now()))
    except Unresolvable:
        condition = NOBODY
    return Contact.objects.alive().filter(condition)


def count(audience: Audience) -> int:
    """How many contacts are in it now."""
    return select(audience).count()


def batches(
    audience: Audience, *, size: int = 1000, after: UUID | None = None
) -> Iterator[list[UUID]]:
    """The ids of an audience in order, in lists of at most `size`, from behind `after`.

    Read ahead in one query: rules joined by “any” cost PostgreSQL a tenth of a second at 100,000
    contacts, however few of them are asked for.
    """
    ahead = max(size, READ_AHEAD)
    while ids := next_ids(audience, size=ahead, after=after):
        for start in range(0, len(ids), size):
            yield ids[start : start + size]
        after = ids[-1]


def next_ids(audience: Audience, *, size: int, after: UUID | None = None) -> list[UUID]:
    """The next ids behind `after`: for work that goes on where it stopped."""
    contacts = select(audience)
    if after is not None:
        contacts = contacts.filter(pk__gt=after)
    return list(contacts.order_by("pk").values_list("pk", flat=True)[:size])


def condition_of(audience: Audience, context: Context) -> Q:
    """The condition over contacts that an audience as it is kept stands for.

    Raises:
        Unresolvable: a rule's kind is no longer known, or a saved audience is gone.
    """
    plan = _plan(audience)
    included = [_condition(rule, context) for rule in plan.include]
    condition = Q() if included else EVERYBODY
    for part in included:
        condition = condition & part if plan.join == "all" else condition | part
    for rule in plan.exclude:
        condition &= ~_condition(rule, context)
    return condition


def rules_of(
    audience: Audience,
) -> tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]]:
    """The rules that include and those that exclude, whatever form the audience has."""
    plan = _plan(audience)
    return plan.include, plan.exclude


@dataclass(frozen=True, slots=True)
class _Plan:
    """The general form that every short form stands for."""

    join: str
    include: Sequence[Mapping[str, Any]]
    exclude: Sequence[Mapping[str, Any]] = ()


def _plan(audience: Audience) -> _Plan:
    if "include" in audience:
        return _Plan(audience["join"], audience["include"], audience["exclude"])
    include = [
        _any_of(kind, audience[form] if isinstance(audience[form], list) else [audience[form]])
        for form, kind in _SHORT.items()
        if form in audience
    ]
    if not include and not audience.get("all"):
        return _Plan("all", [_any_of("contact", [])])  # a draft that says nothing yet
    excluded = audience.get("exclude_tags")
    return _Plan("all", include, [_any_of("tag", excluded)] if excluded else [])


_SHORT = {"tags": "tag", "contacts": "contact", "import": "import", "segment": "segment"}


def _any_of(kind: str, ids: Sequence[str]) -> dict[str, Any]:
    return {"kind": kind, "op": "any_of", "value": ids}


def _condition(stored: Mapping[str, Any], context: Context) -> Q:
    rule = rule_of(stored)
    predicate = predicate_of(rule.kind)
    operator = predicate.operator(rule.op) if predicate else None
    if operator is None:
        raise Unresolvable(rule.kind)
    return operator.condition(rule, context)
