"""The kinds of due work of conversations, by name and by what is outstanding."""

from collections.abc import Iterable
from datetime import datetime

from conversations.enums import ConversationStatus
from conversations.models import Conversation

WAKE = "conversations.wake"  # key: a conversation whose rest ends
WATCH_TEAM = "conversations.watch_team"  # key: a team that is looked after
AWAY = "conversations.away"  # key: a conversation whose customer wrote outside the hours
SIGNAL = "conversations.signal"  # key: a conversation whose customer is told something
WATCH_REPLIES = "conversations.watch_replies"  # no key: promises to customers are watched over
RECOUNT_REPLIES = "conversations.recount_replies"  # no key: what is promised has changed
RATING = "conversations.rating"  # key: a rating of which something is still to be said
SEND_SCHEDULED = "conversations.send_scheduled"  # no key: messages that leave later


def snoozed(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Conversations that rest, each with the moment it wakes up."""
    rows = Conversation.objects.filter(status=ConversationStatus.SNOOZED)
    if key is not None:
        rows = rows.filter(pk=key)
    found = rows.values_list("pk", "snoozed_until")
    return [(str(pk), at) for pk, at in found if at is not None]
