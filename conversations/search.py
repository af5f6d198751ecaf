"""The inbox's search: people by name and phone, and what was said in any conversation.

Both answer newest first, and both have the same trouble: a word that half of the rows contain is
found fastest by walking the newest rows, one that three rows contain by the index of words, and
the planner guesses which it is from statistics that know nothing of a word's beginning. So the
newest rows are asked first, and only what is not full then asks the index of words for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper, F, QuerySet, Value

from conversations import wording
from conversations.models import Conversation, MessageText
from conversations.selectors import conversation_list
from conversations.wording import Piece
from core.keyset import Page, page_of, past
from crm import search as people
from crm.models import Contact
from messaging.models import Message

PEOPLE_SHOWN = 5  # above the messages; all of them on a list of their own
SIZE = 50
NEWEST_CONVERSATIONS = 3_000
NEWEST_MESSAGES = 15_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that was found, with the conversation it stands in."""

    message: Message
    conversation: Conversation
    excerpt: Sequence[Piece]


def people_page(typed: str, *, cursor: str | None = None, size: int = SIZE) -> Page:
    """Conversations with those whose name has a word that begins so, or whose phone ends so, the
    latest first; none when nothing searchable was typed."""
    condition = people.matches(typed)
    if condition is None:
        return Page([], "")
    found = conversation_list().filter(contact__in=Contact.objects.filter(condition))
    return _newest(
        Conversation.objects.all(),
        found,
        field="last_message_at",
        cursor=cursor,
        size=size,
        walked=NEWEST_CONVERSATIONS,
    )


def message_page(typed: str, *, cursor: str | None = None, size: int = SIZE) -> Page:
    """Messages (`Hit`) with all the words, the last one as far as it is typed, the newest first."""
    query = wording.query(typed)
    if not query:
        return Page([], "")
    page = _newest(
        MessageText.objects.all(),
        MessageText.objects.filter(people.matching(query)).only("at"),
        field="at",
        cursor=cursor,
        size=size,
        walked=NEWEST_MESSAGES,
    )
    return Page(_hits([row.pk for row in page.items], typed), page.next_cursor)


def _hits(ids: Sequence[Any], typed: str) -> list[Hit]:
    rows = list(Message.objects.filter(pk__in=ids).order_by("-at", "-pk"))
    threads = {row.thread_id for row in rows}
    talks = {row.thread_id: row for row in conversation_list().filter(thread__in=threads)}
    return [
        Hit(row, talks[row.thread_id], wording.excerpt(wording.plain(row.content), typed))
        for row in rows
        if row.thread_id in talks
    ]


def _newest(
    every: QuerySet[Any],
    found: QuerySet[Any],
    *,
    field: str,
    cursor: str | None,
    size: int,
    walked: int,
) -> Page:
    """A page of `found`, out of the newest `walked` rows of the table if they fill it."""
    ahead = past(every, cursor=cursor, field=field).order_by(f"-{field}", "-pk")
    floor = ahead.values_list(field, flat=True)[walked : walked + 1].first()
    if floor is None:
        return page_of(found, cursor=cursor, field=field, size=size)
    near = page_of(found.filter(**{f"{field}__gte": floor}), cursor=cursor, field=field, size=size)
    if near.next_cursor:
        return near
    # Sorted by an expression, which no index has: the planner must not walk the table in the hope
    # that fifty rows come soon.
    fenced = ExpressionWrapper(F(field) + Value(timedelta(0)), output_field=DateTimeField())
    return page_of(found.annotate(fenced=fenced), cursor=cursor, field="fenced", size=size)
