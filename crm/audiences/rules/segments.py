"""The rule that takes in a saved audience, which is read anew each time."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from crm import registry
from crm.audiences.reading import Audience
from crm.audiences.registry import (
    Context,
    Operator,
    Predicate,
    Rule,
    Unresolvable,
    opposite,
    register,
)
from crm.audiences.rules.rows import SEGMENTS
from crm.audiences.selection import condition_of, rules_of
from crm.models import Segment

KIND = "segment"
MAX_DEPTH = 5  # saved audiences within saved audiences
MAX_READ = 250  # saved audiences of one, each as often as it is named


def named_by(audience: Audience) -> set[UUID]:
    """The saved audiences that an audience as it is kept names itself."""
    include, exclude = rules_of(audience)
    named = [rule["value"] for rule in (*include, *exclude) if rule["kind"] == KIND]
    return {UUID(pk) for value in named for pk in value}


def uses(segment_id: UUID) -> Iterator[registry.Use]:
    """The saved audiences that name this one."""
    for segment in Segment.objects.annotate(text=Cast("audience", TextField())).filter(
        text__contains=str(segment_id)
    ):
        yield registry.Use(segment.name, reverse_lazy("segment", args=[segment.pk]))


def _in_any(rule: Rule, context: Context) -> Q:
    wanted = [UUID(str(pk)) for pk in rule.value]
    if len(context.within) >= MAX_DEPTH or set(wanted) & set(context.within):
        raise Unresolvable("saved audiences within each other")
    stored = Segment.objects.in_bulk(wanted)
    condition = Q(pk__in=[])
    for pk in wanted:
        if pk not in stored:
            raise Unresolvable(str(pk))
        context.read.append(pk)
        if len(context.read) > MAX_READ:
            raise Unresolvable("saved audiences that name each other too often")
        inner = Context(context.now, (*context.within, pk), context.read)
        condition |= condition_of(stored[pk].audience, inner)
    return condition


def register_all() -> None:
    """Announce the rule, and that it needs what it names."""
    registry.add_segment_use(uses)
    inside = Operator("any_of", _("is in any of"), SEGMENTS, _in_any)
    operators = (inside, opposite(inside, "none_of", _("is in none of")))
    register(Predicate(KIND, _("Saved audience"), operators, order=20))
