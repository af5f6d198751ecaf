"""What audiences may ask about conversations: who is in service, and who wrote lately."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from conversations.enums import ConversationStatus
from conversations.models import Conversation
from crm.audiences import Context, Operator, Predicate, Rule, opposite, register
from crm.audiences.values import Days, Nothing
from messaging.models import Thread


def _in_service(rule: Rule, context: Context) -> Q:
    """Somebody looks after them, or they wait for somebody."""
    conversations = Conversation.objects.filter(
        Q(assignee__isnull=False) | Q(waiting_since__isnull=False), contact=OuterRef("pk")
    ).exclude(status=ConversationStatus.RESOLVED)
    return Q(Exists(conversations))


def _wrote_lately(rule: Rule, context: Context) -> Q:
    since = context.now - timedelta(days=rule.value)
    return Q(Exists(Thread.objects.filter(contact=OuterRef("pk"), last_inbound_at__gte=since)))


def register_all() -> None:
    """Announce these rules."""
    served = Operator("is", _("now"), Nothing(), _in_service)
    register(
        Predicate(
            "in_service",
            _("In service"),
            (served, opposite(served, "is_not", _("not now"))),
            order=80,
        )
    )
    wrote = Operator("last_days", _("in the last"), Days(), _wrote_lately)
    register(
        Predicate(
            "wrote",
            _("Wrote to us"),
            (wrote, opposite(wrote, "not_last_days", _("not in the last"))),
            order=81,
        )
    )
