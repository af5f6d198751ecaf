"""What search knows of messages: written with them, in the same transaction."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from conversations import wording
from conversations.models import MessageText
from core import statements
from messaging.models import Message

BATCH = 1000
_INDEX = """
    INSERT INTO conversations_messagetext (message_id, at, search)
    SELECT message, at, search::tsvector
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS v(message uuid, at timestamptz, search text)
    ON CONFLICT (message_id) DO UPDATE SET at = excluded.at, search = excluded.search
"""


def note(*, message: Message) -> None:
    """Make a message findable as it reads now; once more after an edit. What has no words, or
    lost them, is forgotten."""
    index([message])


def index(messages: Collection[Message]) -> int:
    """Write the words of messages, all in one statement; how many of them have any."""
    words = {message.pk: _vector(message) for message in messages}
    rows = [
        {"message": message.pk, "at": message.at, "search": words[message.pk]}
        for message in messages
        if words[message.pk]
    ]
    if rows:
        statements.run(_INDEX, rows=statements.rows(rows))
    wordless = {pk for pk, vector in words.items() if not vector}
    if wordless:
        forget(message_ids=wordless)
    return len(rows)


def forget(*, message_ids: Collection[UUID]) -> int:
    """Take messages out of search: they were redacted. How many were in it."""
    return MessageText.objects.filter(pk__any_of=message_ids).delete()[0]


def forget_contact(*, contact_id: UUID) -> int:
    """Take all that was said with a contact out of search. How many messages were in it."""
    said = Message.objects.filter(contact_id=contact_id).values("pk")
    return MessageText.objects.filter(pk__in=said).delete()[0]


def backfill(*, after: UUID | None = None) -> UUID | None:
    """Index the next thousand messages by id, those of before search included.

    Returns the id to go on after, None when all are done. Safe to repeat.
    """
    place = Q(pk__gt=after) if after else Q()
    messages = list(Message.objects.filter(place, thread__isnull=False).order_by("pk")[:BATCH])
    index(messages)
    return messages[-1].pk if len(messages) == BATCH else None


def _vector(message: Message) -> str:
    """What search stores of a message; empty where it is not searched or has no words."""
    if message.thread_id is None or not wording.is_searched(message):
        return ""
    return wording.vector(wording.plain(message.content))
