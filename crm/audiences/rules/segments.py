"""The rule that takes in a saved audience, which is read anew each time."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

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
from crm.audiences.selection import condition_of
from crm.models import Segment

MAX_DEPTH = 5  # saved audiences within saved audiences


def _in_any(rule: Rule, context: Context) -> Q:
    wanted = [UUID(str(pk)) for pk in rule.value]
    if len(context.within) >= MAX_DEPTH or set(wanted) & set(context.within):
        raise Unresolvable("saved audiences within each other")
    stored = Segment.objects.in_bulk(wanted)
    condition = Q(pk__in=[])
    for pk in wanted:
        if pk not in stored:
            raise Unresolvable(str(pk))
        inner = Context(context.now, (*context.within, pk))
        condition |= condition_of(stored[pk].audience, inner)
    return condition


def register_all() -> None:
    """Announce the rule."""
    inside = Operator("any_of", _("is in any of"), SEGMENTS, _in_any)
    operators = (inside, opposite(inside, "none_of", _("is in none of")))
    register(Predicate("segment", _("Saved audience"), operators, order=20))
