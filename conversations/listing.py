"""The list of conversations: its pages, its counters and the words for its filters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, IntegerField, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from connections.models import Connection
from connections.registry import of_channel
from conversations.deadlines import is_due
from conversations.enums import ConversationStatus
from conversations.filters import Due, Filters, Order, Who
from conversations.models import Conversation, Label
from conversations.selectors import row_list
from conversations.visibility import seen_by
from core.keyset import Page, page_of
from crm.enums import Channel
from team.models import Member, Team

SIZE = 50
COUNTED = 1000  # beyond it nobody needs the number, and counting on would cost every page
# No window is longer than that of a click on an advertisement (Meta, "Free entry point").
LONGEST_WINDOW = timedelta(hours=72)
# Resolved ones are counted nowhere: they only become more.
COUNTED_STATUSES = (
    ConversationStatus.OPEN,
    ConversationStatus.PENDING,
    ConversationStatus.SNOOZED,
)
_FIELDS = {
    Order.LATEST: "last_message_at",
    Order.WAITING: "waiting_since",
    Order.CLOSING: "window_until",
    Order.DUE: "reply_due_at",
}


@dataclass(frozen=True, slots=True)
class Counters:
    """How many conversations stand behind the tabs, `COUNTED` standing for "that or more".

    Attributes:
        status: by status, of those that `who` chooses.
        who: by whose they are, of the chosen status.
        due: open ones by how their answer stands, of those that `who` chooses.
    """

    status: dict[str, int]
    who: dict[str, int]
    due: dict[str, int]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on: its words, and the address' query without it."""

    text: str
    without: str


def page(filters: Filters, *, member: Member | None, cursor: str | None = None) -> Page:
    """Fifty conversations in the order that was asked for, by (time, id)."""
    rows = _ordered(row_list(), filters.order).filter(_condition(filters, member))
    rows = rows.filter(seen_by(member))
    return page_of(
        rows,
        cursor=cursor,
        field=_FIELDS[Order(filters.order)],
        size=SIZE,
        ascending=is_ascending(filters.order),
    )


def is_ascending(order: str) -> bool:
    """Whether the earliest stands first: whoever waits longest, the window that ends next."""
    return order != Order.LATEST


def place_of(conversation: Conversation, order: str) -> datetime:
    """The moment that a row of such a list is sorted by."""
    moment: datetime = getattr(conversation, _FIELDS[Order(order)])
    return moment


def counters(filters: Filters, *, member: Member) -> Counters:
    """The numbers beside the tabs, in one query; whatever other filters are on."""
    whose, seen = _whose(filters.who, member), seen_by(member)
    wanted = {f"status_{status}": Q(status=status) & whose for status in COUNTED_STATUSES}
    if filters.status in COUNTED_STATUSES:
        of_status = Q(status=filters.status)
        wanted |= {f"who_{who}": of_status & _whose(who, member) for who in Who.values}
    is_open = Q(status=ConversationStatus.OPEN)
    wanted |= {f"due_{due}": is_open & is_due(due) & whose for due in Due.values}
    rows = {name: _Count(_counted(condition & seen)) for name, condition in wanted.items()}
    found: dict[str, Any] = dict(Member.objects.filter(pk=member.pk).values(**rows).get())
    return Counters(*(_named(found, prefix) for prefix in ("status_", "who_", "due_")))


def late_count() -> int:
    """Open conversations whose promised answer did not come: a number of the first page."""
    rows = Conversation.objects.filter(is_due(Due.LATE), status=ConversationStatus.OPEN)
    return rows[:COUNTED].count()


def unread_count(member: Member | None) -> int:
    """Open conversations with unread messages that a member sees: the number beside the menu
    entry."""
    unread = Q(status=ConversationStatus.OPEN, unread_count__gt=0)
    return Conversation.objects.filter(unread & seen_by(member)).count()


def chips(filters: Filters) -> list[Chip]:
    """The filters that are on, in words."""
    return [Chip(text, filters.query(**{name: usual})) for name, text, usual in _words(filters)]


def _words(filters: Filters) -> Iterator[tuple[str, str, Any]]:
    """Name, words and usual value of each filter that is on."""
    if filters.order != Order.LATEST:
        yield "order", str(Order(filters.order).label), Order.LATEST
    if filters.due:
        yield "due", str(Due(filters.due).label), ""
    if filters.unread:
        yield "unread", _("Unread"), False
    if filters.channel:
        yield "channel", str(Channel(filters.channel).label), ""
    models = {"connection": Connection, "label": Label, "agent": Member, "team": Team}
    for name, model in models.items():
        if (pk := getattr(filters, name)) is not None:
            yield name, str(model._default_manager.filter(pk=pk).first() or _("Unknown")), None


def _condition(filters: Filters, member: Member | None) -> Q:
    condition = Q(status=filters.status) & _whose(filters.who, member)
    if filters.unread:
        condition &= Q(unread_count__gt=0)
    if filters.due:
        condition &= is_due(filters.due)
    if filters.channel:
        providers = [provider.slug for provider in of_channel(filters.channel)]
        numbers = Connection.objects.filter(provider__in=providers)
        condition &= Q(thread__connection__in=list(numbers.values_list("pk", flat=True)))
    if filters.connection:
        condition &= Q(thread__connection_id=filters.connection)
    if filters.label:
        condition &= Q(labels=filters.label)
    if filters.agent:
        condition &= Q(assignee_id=filters.agent)
    if filters.team:
        condition &= Q(team_id=filters.team)
    return condition


def _whose(who: str, member: Member | None) -> Q:
    if who == Who.MINE:
        return Q(assignee=member) & Q(assignee__isnull=False)
    if who == Who.NOBODY:
        return Q(assignee=None)
    if who == Who.TEAMS:
        return Q(team__in=Team.objects.filter(places__member=member))
    return Q()


def _ordered(rows: QuerySet[Conversation], order: str) -> QuerySet[Conversation]:
    """Those that have a place in the order; the page sorts them."""
    if order == Order.WAITING:
        return rows.filter(waiting_since__isnull=False)
    if order == Order.DUE:
        return rows.filter(reply_due_at__isnull=False)
    if order == Order.CLOSING:
        now = timezone.now()
        return rows.annotate(window_until=F("thread__window_until")).filter(
            window_until__gt=now,
            # Implied, for the index: a window is open because somebody wrote not long ago.
            last_message_at__gt=now - LONGEST_WINDOW,
        )
    return rows


def _counted(condition: Q) -> QuerySet[Any]:
    return Conversation.objects.filter(condition).order_by().values("pk")[:COUNTED]


class _Count(Subquery):
    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def _named(found: dict[str, Any], prefix: str) -> dict[str, int]:
    return {
        name.removeprefix(prefix): count for name, count in found.items() if name.startswith(prefix)
    }
