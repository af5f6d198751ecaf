"""Having events handled once more: one from its page, or all that the log's filters leave."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from events import actors, labels
from events.log import Filters
from events.models import Event, Replay
from events.selectors import latest_replays
from events.services import replays
from tenants.access import actor_of, requires
from tenants.http import MemberRequest


@require_safe
@requires("events.view")
def index(request: MemberRequest) -> HttpResponse:
    """The latest replays and how far each is."""
    found = latest_replays()
    names = actors.names_of(one.requested_by for one in found)
    context = {"replays": [(one, names[one.requested_by]) for one in found]}
    part = "#rows" if request.htmx else ""
    return render(request, f"events/replays.html{part}", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("events.manage")
def new(request: MemberRequest) -> HttpResponse:
    """What would be replayed, to whom and how; with effects it asks once more."""
    filters = Filters.of(request.GET.dict())
    asks, error = False, ""
    if request.method == "POST":
        asks = _asks_again(request.POST)
        if not asks:
            try:
                replays.start(filters=filters, **_wanted(request))
            except DomainError as found:
                error = found.text
            else:
                messages.success(request, _("The replay has begun."))
                return redirect("replays")
    context = {
        "filters": filters,
        "kind": labels.asked(filters.type),
        "count": filters.events().count(),
        "listeners": replays.listeners(filters.types),
        "chosen": request.POST.getlist("subscriber"),
        "asks": asks,
        "error": error,
    }
    return render(request, "events/replay.html", context, status=422 if asks or error else 200)


@require_POST
@requires("events.manage")
def one(request: MemberRequest, sequence: int) -> HttpResponse:
    """Replay a single event."""
    event = get_object_or_404(Event, pk=sequence)
    if _asks_again(request.POST):
        messages.warning(request, _("Say that you are sure: what it did happens once more."))
        return redirect("event", sequence)
    replay = replays.replay_event(event=event, **_wanted(request))
    if replay.handed:
        messages.success(request, _("It is being handled again."))
    else:
        messages.info(request, _("Nothing to do: whoever listens has handled it."))
    return redirect("event", sequence)


@require_POST
@requires("events.manage")
def stop(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """End a replay where it is."""
    replays.stop(replay=get_object_or_404(Replay, pk=id), actor=actor_of(request))
    messages.success(request, _("The replay was stopped."))
    return redirect("replays")


def _asks_again(form: QueryDict) -> bool:
    """Effects are repeated only when somebody said so twice."""
    return bool(form.get("with_effects")) and form.get("sure") != "yes"


def _wanted(request: MemberRequest) -> dict[str, Any]:
    return {
        "subscribers": request.POST.getlist("subscriber"),
        "with_effects": bool(request.POST.get("with_effects")),
        "actor": actor_of(request),
    }
