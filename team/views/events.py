"""The log of what happened in the company, for administrators."""

import json

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from events.models import Event
from team.event_log import event_page, types
from tenants.access import requires
from tenants.http import MemberRequest


@require_safe
@requires("events.view")
def index(request: MemberRequest) -> HttpResponse:
    """The latest events, by kind and by what their data holds."""
    page = event_page(
        type_=request.GET.get("type", ""),
        text=request.GET.get("q", ""),
        before=request.GET.get("before", ""),
    )
    template = "team/events.html#rows" if request.htmx else "team/events.html"
    return render(request, template, {"page": page, "types": types()})


@require_safe
@requires("events.view")
def detail(request: MemberRequest, sequence: int) -> HttpResponse:
    """One event with its data."""
    event = get_object_or_404(Event, pk=sequence)
    payload = json.dumps(event.data, indent=2, ensure_ascii=False)
    return render(request, "team/_event.html", {"event": event, "payload": payload})
