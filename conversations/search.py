"""The inbox's search: people by name and phone, and what was said in any conversation.

Both answer newest first, and both have the same trouble: a word that half of the rows contain is
found fastest by walking the newest rows, one that three rows contain by the index of words, and
left alone the planner often takes the wrong way. So a short walk comes first, which common words
fill; what it does not fill is walked for longer where more can be expected, and only then, or at
once for a rare word, the index of words is asked for all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet, Value

from conversations import visibility, wording
from conversations.models import Conversation, MessageText
from conversations.selectors import row_list
from conversations.wording import Piece
from core.estimates import estimated
from core.keyset import Page, page_of, past
from crm import search as people
from crm.models import Contact
from messaging.models import Message
from team.models import Member

PEOPLE_SHOWN = 5  # above the messages; all of them on a list of their own
SIZE = 20  # answered while somebody types; the rest comes as they scroll
FEW_PEOPLE = 2_000
FEW_MESSAGES = 8_000
# The short walk and the long one. One who is not rare fills a page out of the long one.
NEWEST_CONVERSATIONS = (200, 2_000)
NEWEST_MESSAGES = (1_500, 15_000)


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that was found, with the conversation it stands in."""

    message: Message
    conversation: Conversation
    excerpt: Sequence[Piece]


def people_page(
    typed: str, *, member: Member | None, cursor: str | None = None, size: int = SIZE
) -> Page:
    """Conversations with those whose name has a word that begins so, or whose phone ends so, the
    latest first, of those that the member sees; none when nothing searchable was typed."""
    query = people.typed_query(typed)
    if not query:
        return Page([], "")
    matching = _Matching(query)
    page = _newest(
        visibility.conversations(member).only("last_message_at"),
        lambda rows: rows.filter(contact__in=matching.walked),
        lambda rows: rows.filter(matching.theirs()),
        is_rare=lambda: matching.are_few,
        field="last_message_at",
        cursor=cursor,
        size=size,
        walks=NEWEST_CONVERSATIONS,
    )
    shown = row_list().filter(pk__in=[row.pk for row in page.items])
    return Page(list(shown.order_by("-last_message_at", "-pk")), page.next_cursor)


def message_page(
    typed: str, *, member: Member | None, cursor: str | None = None, size: int = SIZE
) -> Page:
    """Messages (`Hit`) with all the words, the last one as far as it is typed, the newest first,
    of the conversations that the member sees."""
    query = wording.query(typed)
    if not query:
        return Page([], "")
    said, seen = people.matching(query), visibility.texts_seen_by(member)
    page = _newest(
        MessageText.objects.only("at"),
        lambda rows: rows.filter(Q(people.matching_unindexed(query)) & seen),
        lambda rows: rows.filter(_said_anywhere(typed) & seen),
        is_rare=lambda: estimated(MessageText.objects.filter(said)) <= FEW_MESSAGES,
        field="at",
        cursor=cursor,
        size=size,
        walks=NEWEST_MESSAGES,
    )
    return Page(_hits([row.pk for row in page.items], typed), page.next_cursor)


def _hits(ids: Sequence[Any], typed: str) -> list[Hit]:
    """What a row of the finds shows, and no more: it is asked for with every letter typed."""
    messages = Message.objects.only("thread_id", "direction", "content", "at")
    rows = list(messages.filter(pk__in=ids).order_by("-at", "-pk"))
    known = Conversation.objects.select_related("contact", "thread").only(
        "contact__name", "thread__address"
    )
    talks = {row.thread_id: row for row in known.filter(thread__in={row.thread_id for row in rows})}
    return [
        Hit(row, talks[row.thread_id], wording.excerpt(wording.plain(row.content), typed))
        for row in rows
        if row.thread_id in talks
    ]


class _Matching:
    """The people that match a tsquery.

    Attributes:
        walked: them, for conversations that are walked through.
    """

    def __init__(self, query: str) -> None:
        self.walked = Contact.objects.filter(people.matching_unindexed(query))
        self._all = Contact.objects.filter(people.matching(query))

    @cached_property
    def are_few(self) -> bool:
        """Whether they can be named one by one."""
        return len(self._few) <= FEW_PEOPLE

    def theirs(self) -> Q:
        """Their conversations. A few people are named: the planner thinks of every beginning of a
        word as many, and would read all conversations to find theirs."""
        return Q(contact__any_of=self._few) if self.are_few else Q(contact__in=self._all)

    @cached_property
    def _few(self) -> list[UUID]:
        return list(self._all.values_list("pk", flat=True)[: FEW_PEOPLE + 1])


def _said_anywhere(typed: str) -> Q:
    """All the words, for the index of words. The beginning of a word may be thousands of words
    there; where whole words beside it leave few messages, those are looked at one by one."""
    query, whole = wording.query(typed), wording.whole_query(typed)
    if not whole:
        return Q(people.matching(query))
    condition = people.matching(whole)
    if estimated(MessageText.objects.filter(condition)) > FEW_MESSAGES:
        return Q(people.matching(query))
    return Q(condition) & Q(people.matching_unindexed(query))


def _newest(
    every: QuerySet[Any],
    among_newest: Callable[[QuerySet[Any]], QuerySet[Any]],
    among_all: Callable[[QuerySet[Any]], QuerySet[Any]],
    *,
    is_rare: Callable[[], bool],
    field: str,
    cursor: str | None,
    size: int,
    walks: Sequence[int],
) -> Page:
    """A page of those found, out of the newest rows of the table if they fill it.

    Args:
        among_newest: those found, of some that are walked through.
        among_all: those found, of all, by the index of words.
        is_rare: whether they are so few that a longer walk is no use.
        walks: of so many rows each.
    """
    ahead = past(every, cursor=cursor, field=field).order_by(f"-{field}", "-pk")
    for walked in walks:
        floor = ahead.values_list(field, flat=True)[walked : walked + 1].first()
        newest = every if floor is None else every.filter(**{f"{field}__gte": floor})
        near = page_of(among_newest(newest), cursor=cursor, field=field, size=size)
        if floor is None or near.next_cursor:
            return near
        if is_rare():
            break
    # Sorted by an expression, which no index has: the planner must not walk the table in the hope
    # that a page of rows comes soon.
    fenced = ExpressionWrapper(F(field) + Value(timedelta(0)), output_field=DateTimeField())
    rows = among_all(every.annotate(fenced=fenced))
    return page_of(rows, cursor=cursor, field="fenced", size=size)
