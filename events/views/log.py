"""The log of what happened in the company: the list, what came since, one event and its trace."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from events import actors, labels, log, traces
from events.models import Event
from events.services import replays
from tenants.access import requires
from tenants.http import MemberRequest


@dataclass(frozen=True, slots=True)
class Line:
    """An event, what it is called and who did it, in words."""

    event: Event
    label: str
    who: str


@require_safe
@requires("events.view")
def index(request: MemberRequest) -> HttpResponse:
    """The latest events that fit the filters; the next page of them to htmx."""
    filters = log.Filters.of(request.GET.dict())
    cursor = request.GET.get("cursor", "")
    newest = "" if cursor else log.newest()
    page = log.page(filters, cursor=cursor)
    names = actors.names_of(event.actor for event in page.events)
    context = {
        "page": page,
        "lines": [
            Line(event, labels.label_of(event.type), names[event.actor]) for event in page.events
        ],
        "filters": filters,
        "newest": newest,
    }
    if cursor:
        return render(request, "events/list.html#rows", context)
    if request.htmx:
        return render(request, "events/list.html#results", context)
    context |= {"groups": labels.GROUPS, "actors": actors.choices(request.company.pk)}
    return render(request, "events/list.html", context)


@require_safe
@requires("events.view")
def newer(request: MemberRequest) -> HttpResponse:
    """How many came since the page was made, as a line above the list that fetches them."""
    filters = log.Filters.of(request.GET.dict())
    since = request.GET.get("after", "")
    context = {
        "filters": filters,
        "newest": since,
        "count": log.newer(filters, cursor=since),
        "most": log.NEWER,
    }
    return render(request, "events/_newer.html", context)


@require_safe
@requires("events.view")
def detail(request: MemberRequest, sequence: int) -> HttpResponse:
    """One event: what it says, who did it, who heard of it and what came of that."""
    event = get_object_or_404(Event, pk=sequence)
    context = {
        "event": event,
        "label": labels.label_of(event.type),
        "payload": json.dumps(event.data, indent=2, ensure_ascii=False),
        "name": actors.names_of([event.actor])[event.actor],
        "traces": traces.of(event),
        "listeners": replays.listeners([event.type]),
    }
    part = "#trace" if request.htmx else ""
    return render(request, f"events/event.html{part}", context)
