"""What the inbox keeps of what people wrote, forgotten with the words of messages."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from conversations.enums import ScheduledState
from conversations.models import MessageText, Rating, ScheduledMessage
from core.ids import first_uuid7
from core.retention import Deleting, Walking, contribute


def register() -> None:
    """Called once, from AppConfig.ready()."""
    for source in (
        Deleting("conversations.MessageText", _found_by_search),
        Deleting("conversations.ScheduledMessage", _not_waiting),
        Walking("conversations.Rating", _with_comment, _without_comment),
    ):
        contribute("messages", source)


def _found_by_search(before: datetime) -> QuerySet[MessageText]:
    return MessageText.objects.filter(pk__lt=first_uuid7(before))


def _not_waiting(before: datetime) -> QuerySet[ScheduledMessage]:
    """What left is a message by now; what could not leave was told to its author."""
    return ScheduledMessage.objects.filter(due_at__lt=before).exclude(state=ScheduledState.WAITING)


def _with_comment(_before: datetime) -> QuerySet[Rating]:
    return Rating.objects.exclude(comment="")


def _without_comment(ids: list[UUID]) -> int:
    return Rating.objects.filter(pk__in=ids).update(comment="")
