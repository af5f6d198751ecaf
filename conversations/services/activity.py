"""`Contact.last_active_at`, by which the list of contacts is sorted: carried over from
conversations every few minutes, so that no message pays for it.

Conversations are looked at from the newest down to where nothing is ahead of its contact any more,
and written upwards from there: whatever dies leaves the newest ahead, and the next run finds them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from conversations.models import Conversation
from core import agenda, statements
from core.keyset import beyond

KIND = "conversations.activity"
EVERY_SECONDS = 300
BATCH = 2_000

# Locked in the order of their ids, as everybody does who changes many contacts.
_CARRY = """
    WITH newest AS (
        SELECT contact_id, max(last_message_at) AS at FROM conversations_conversation
        WHERE id = ANY(%(ids)s) GROUP BY contact_id),
    behind AS MATERIALIZED (
        SELECT c.id, newest.at FROM crm_contact c JOIN newest ON newest.contact_id = c.id
        WHERE c.last_active_at < newest.at
        ORDER BY c.id FOR NO KEY UPDATE OF c)
    UPDATE crm_contact SET last_active_at = behind.at
    FROM behind WHERE crm_contact.id = behind.id
"""


@transaction.atomic
def ask() -> None:
    """Have this company's contacts brought up to their conversations soon."""
    agenda.append(KIND)


def carry(_key: str = "") -> None:
    """Bring all contacts up to their conversations (the agenda's handler)."""
    for ids in reversed(_batches_ahead()):
        statements.run(_CARRY, ids=ids)


def due(_key: str | None) -> Iterable[tuple[str, datetime]]:
    """Now, if a contact is behind one of the newest conversations (the agenda's selector)."""
    newest = list(_after(None)[:BATCH])
    return [("", timezone.now())] if _is_ahead([pk for _at, pk in newest]) else []


def _batches_ahead() -> list[list[UUID]]:
    """The conversations from the newest down, up to the first batch that is wholly carried over."""
    batches: list[list[UUID]] = []
    place = None
    while found := list(_after(place)[:BATCH]):
        ids = [pk for _at, pk in found]
        if not _is_ahead(ids):
            break
        batches.append(ids)
        place = found[-1]
    return batches


def _after(place: tuple[datetime, UUID] | None) -> QuerySet[Conversation, tuple[datetime, UUID]]:
    rows = Conversation.objects.order_by("-last_message_at", "-pk")
    if place is not None:
        rows = rows.filter(beyond("last_message_at", *place, ascending=False))
    return rows.values_list("last_message_at", "pk")


def _is_ahead(ids: list[UUID]) -> bool:
    rows = Conversation.objects.filter(pk__in=ids)
    return rows.filter(contact__last_active_at__lt=F("last_message_at")).exists()
