"""Reads of the event log shaped for its page."""

from dataclasses import dataclass

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from events.facts import catalogue
from events.models import Event

PAGE = 50
SEARCHED = 10_000  # text is looked for in so many of the latest events: a bounded scan


@dataclass(frozen=True, slots=True)
class EventPage:
    """A page of events, newest first; `next` is the `before` of the following one."""

    events: list[Event]
    type: str
    text: str
    next: str


def types() -> list[str]:
    """The kinds of events that this version publishes."""
    return sorted(catalogue)


def event_page(*, type_: str, text: str, before: str) -> EventPage:
    """Fifty events at most, older than `before` (a sequence; anything else means the newest)."""
    text = text.strip()[:80]
    rows = Event.objects.order_by("-sequence")
    if type_ in catalogue:
        rows = rows.filter(type=type_)
    if text:
        rows = _holding(rows, text)
    if before.isdecimal():
        rows = rows.filter(sequence__lt=int(before))
    found = list(rows[: PAGE + 1])
    more = str(found[PAGE - 1].sequence) if len(found) > PAGE else ""
    return EventPage(events=found[:PAGE], type=type_, text=text, next=more)


def _holding(rows: QuerySet[Event], text: str) -> QuerySet[Event]:
    latest = Event.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    return rows.annotate(data_text=Cast("data", TextField())).filter(
        sequence__gt=latest - SEARCHED, data_text__icontains=text
    )
