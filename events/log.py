"""The log as people and programs look through it: filters, pages, what came since."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.dateparse import parse_date

from core.ids import first_uuid7, uuid_of
from events.facts import catalogue
from events.identifiers import speaking_of
from events.models import Event

PAGE = 50
SEARCHED = 10_000  # text is looked for in so many of the latest that the other filters leave
NEWER = 99
YEARS = range(1970, 9999)  # days that have a midnight before and after them in every zone
GROUP = ".*"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which events are meant; what is empty filters nothing.

    Attributes:
        type: a type ("message.received"), several with commas, or a group ("message.*").
        actor: as the events name it ("person:<id>", "system").
        since, until: days on the company's clock, both of them meant.
        about: an id that the data name: a contact's, an order's.
        text: what the data contain, in any case.
    """

    type: str = ""
    actor: str = ""
    since: date | None = None
    until: date | None = None
    about: str = ""
    text: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Filters:
        """Those of an address; what is no filter or no date is passed over."""
        return cls(
            type=given.get("type", "").strip()[:400],
            actor=given.get("actor", "").strip()[:80],
            since=_day(given.get("since", "")),
            until=_day(given.get("until", "")),
            about=given.get("about", "").strip()[:120],
            text=given.get("q", "").strip()[:80],
        )

    @classmethod
    def of_query(cls, query: str) -> Filters:
        """Those that `query` wrote."""
        return cls.of(dict(parse_qsl(query)))

    @property
    def query(self) -> str:
        """As an address has them."""
        named = {**asdict(self), "q": self.text}
        del named["text"]
        return urlencode({name: str(value) for name, value in named.items() if value})

    @property
    def are_set(self) -> bool:
        return self != Filters()

    def events(self, *, until: UUID | None = None) -> QuerySet[Event]:
        """The events that they leave, in no order; none that came after `until`."""
        rows = Event.objects.filter(uid__lte=until) if until else Event.objects.all()
        if types := self.types:
            rows = rows.filter(type__in=types)
        if self.actor:
            rows = rows.filter(actor=self.actor)
        if self.since:
            rows = rows.filter(uid__gte=first_uuid7(_midnight(self.since)))
        if self.until:
            rows = rows.filter(uid__lt=first_uuid7(_midnight(self.until + timedelta(days=1))))
        if self.about:
            rows = speaking_of(rows, self.about)
        return _holding(rows, self.text) if self.text else rows

    @property
    def types(self) -> list[str]:
        """The types that are asked for; none: all of them."""
        asked = [one.strip() for one in self.type.split(",") if one.strip()]
        return [name for one in asked for name in _types(one)]


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of events, newest first; `next` is the cursor of the following one."""

    events: list[Event]
    next: str


def page(filters: Filters, *, cursor: str = "") -> LogPage:
    """Fifty events at most, older than the cursor; one that cannot be read means the newest."""
    rows = filters.events().order_by("-uid")
    if (place := _place(cursor)) is not None:
        rows = rows.filter(uid__lt=place)
    found = list(rows[: PAGE + 1])
    more = cursor_at(found[PAGE - 1]) if len(found) > PAGE else ""
    return LogPage(events=found[:PAGE], next=more)


def cursor_at(event: Event) -> str:
    """Where a page ends with this event."""
    return base64.urlsafe_b64encode(event.uid.bytes).decode().rstrip("=")


def newest() -> str:
    """The cursor of the newest event, to ask `newer` by; empty where nothing happened yet."""
    event = Event.objects.order_by("-uid").first()
    return cursor_at(event) if event else ""


def newer(filters: Filters, *, cursor: str) -> int:
    """How many events that fit came after a cursor, counted to ninety-nine."""
    rows = filters.events()
    if (place := _place(cursor)) is not None:
        rows = rows.filter(uid__gt=place)
    return rows.order_by("-uid")[:NEWER].count()


def _types(asked: str) -> Iterable[str]:
    """A group's types; a type that this version does not know may still be in the log."""
    if asked.endswith(GROUP):
        noun = asked.removesuffix(GROUP)
        return [name for name in sorted(catalogue) if _noun(name) == noun] or [asked]
    return [asked]


def _noun(name: str) -> str:
    return name.partition(".")[0]


def _holding(rows: QuerySet[Event], text: str) -> QuerySet[Event]:
    latest = rows.order_by("-uid").values("pk")[:SEARCHED]
    holding = Event.objects.filter(pk__in=latest).annotate(told=Cast("data", TextField()))
    return holding.filter(told__icontains=text)


def _place(cursor: str) -> UUID | None:
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        return uuid_of(cursor)


def _day(text: str) -> date | None:
    try:
        day = parse_date(text.strip())
    except ValueError:
        return None
    return day if day and day.year in YEARS else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
