"""Messages that leave later: choosing the moment, seeing what waits, taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from conversations import moments, selectors, visibility
from conversations.forms import ScheduleForm
from conversations.models import Conversation, ScheduledMessage
from conversations.services import scheduling
from core.errors import DomainError, NotFound
from core.forms import show_error
from core.ids import uuid_of
from messaging import reasons
from team.selectors import member_of
from tenants.access import requires
from tenants.http import MemberRequest


@requires("conversations.reply")
@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """The dialog; it stays until the message waits."""
    conversation = visibility.conversation_of(request, id)
    form = ScheduleForm(request.POST or None, initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        try:
            scheduling.schedule(
                conversation=conversation, author=member_of(request), **form.cleaned_data
            )
        except DomainError as error:
            show_error(form, error)
        else:
            response = HttpResponse(status=204)
            trigger_client_event(response, "composer-clear", {})
            return trigger_client_event(response, "dialog-close", {})
    context = {
        "conversation": conversation,
        "form": form,
        "moments": moments.choices(timezone.now()),
        "window": selectors.window_of(conversation),
    }
    status = 422 if form.is_bound else 200
    return render(request, "conversations/_schedule_form.html", context, status=status)


@requires("conversations.view", write="conversations.reply")
@require_http_methods(["GET", "HEAD", "POST"])
def scheduled(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """What waits; take one back, or put away one that could not leave."""
    conversation = visibility.conversation_of(request, id)
    if request.method == "POST":
        scheduled_id = uuid_of(request.POST.get("scheduled"))
        if scheduled_id is None:
            raise NotFound
        scheduling.take_back(conversation=conversation, scheduled_id=scheduled_id)
    context = {"conversation": conversation, "scheduled": waiting(conversation)}
    return render(request, "conversations/_scheduled.html", context)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A scheduled message with the reason for which it did not leave, if it did not."""

    row: ScheduledMessage
    reason: reasons.Reason | None


def waiting(conversation: Conversation) -> list[Waiting]:
    """What the composer shows of them."""
    provider = conversation.thread.connection.provider
    return [
        Waiting(row, reasons.explain(row.code, provider=provider) if row.code else None)
        for row in scheduling.waiting_in(conversation)
    ]


def _initial(request: MemberRequest) -> dict[str, Any]:
    """What stands in the composer already, tomorrow morning."""
    tomorrow = moments.moments(timezone.now())["tomorrow"]
    return {"text": request.GET.get("text", ""), "due_at": tomorrow}
