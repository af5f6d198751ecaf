"""Reads around the work on a conversation: labels, canned replies, whom to mention."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from conversations.models import CannedReply, Label
from conversations.services.canned import shortcut_of
from crm.search import fold
from team.models import Member
from team.selectors import active_members

SHOWN = 8


def labels_with_counts() -> QuerySet[Label]:
    """All labels by name, with `conversation_count`."""
    rows = Label.objects.annotate(conversation_count=Count("conversations"))
    return rows.order_by("key")


def canned_replies(member: Member | None) -> QuerySet[CannedReply]:
    """Everybody's and the member's own, by shortcut; a program sees everybody's."""
    seen = Q(owner=None)
    if member is not None:
        seen |= Q(owner=member)
    return CannedReply.objects.filter(seen).select_related("owner")


def canned_like(member: Member | None, typed: str) -> list[CannedReply]:
    """Those whose shortcut begins with what was typed, then those that contain it."""
    rows = canned_replies(member)
    wanted = shortcut_of(typed)
    if not wanted:
        return list(rows[:SHOWN])
    found = list(rows.filter(shortcut__startswith=wanted)[:SHOWN])
    others = rows.filter(Q(shortcut__contains=wanted) | Q(text__icontains=typed.strip()))
    known = [reply.pk for reply in found]
    return [*found, *others.exclude(pk__in=known)[: SHOWN - len(found)]]


def members_like(typed: str) -> list[Member]:
    """Active members with a word of their name that begins so, accents and case ignored."""
    wanted = f" {fold(typed).strip()}"
    found = [member for member in active_members() if wanted in f" {fold(str(member))}"]
    return found[:SHOWN]
