"""The inbox: the list, a conversation beside it, and what people do with it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from conversations import selectors
from conversations.enums import ConversationStatus
from conversations.files import response_of
from conversations.lines import name_of
from conversations.rows import row_of
from conversations.services import assignment, conversations, status
from conversations.views.composing import composer_context
from conversations.views.threads import thread_context
from core.ids import uuid_of
from messaging.models import Media
from team.models import Member
from team.selectors import active_members
from tenants.access import actor_of, requires
from tenants.http import MemberRequest

VIEWS: dict[str, dict[str, Any]] = {
    "open": {"status": ConversationStatus.OPEN},
    "unread": {"status": ConversationStatus.OPEN, "unread": True},
    "resolved": {"status": ConversationStatus.RESOLVED},
}
LABELS = {
    "open": pgettext_lazy("conversations", "Open"),
    "unread": pgettext_lazy("conversations", "Unread"),
    "resolved": pgettext_lazy("conversations", "Resolved"),
}


@requires("conversations.view")
@require_safe
def index(request: MemberRequest) -> HttpResponse:
    """The list; htmx gets the rows alone."""
    context = _list(request)
    template = "conversations/_rows.html" if request.htmx else "conversations/inbox.html"
    return render(request, template, context)


@requires("conversations.view")
@require_safe
def show(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """A conversation beside the list; htmx gets the conversation alone."""
    conversation = selectors.get_conversation(id)
    context = {
        **thread_context(request, conversation),
        **composer_context(request, conversation),
        "conversation": conversation,
        "name": name_of(conversation),
        "members": active_members(),
    }
    if _wants_fragment(request):
        context["view"] = _view(request)
        return render(request, "conversations/_conversation.html", context)
    return render(request, "conversations/inbox.html", {**_list(request), **context})


@requires("conversations.reply")
@require_POST
def read(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Somebody has it before their eyes."""
    conversation = selectors.get_conversation(id)
    conversations.mark_read(conversation_id=conversation.pk)
    return HttpResponse(status=204)


@requires("conversations.reply")
@require_POST
def resolve(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Done."""
    status.resolve(conversation_id=id, actor=actor_of(request))
    return _actions(request, id)


@requires("conversations.reply")
@require_POST
def reopen(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Not done after all."""
    status.reopen(conversation_id=id, actor=actor_of(request))
    return _actions(request, id)


@requires("conversations.view")
@require_safe
def actions(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The buttons of a conversation, after somebody else pressed one."""
    return _actions(request, id)


@requires("conversations.reply")
@require_POST
def assign(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Make it somebody's, or nobody's."""
    chosen = uuid_of(request.POST.get("member"))
    member = get_object_or_404(Member, pk=chosen) if chosen else None
    assignment.assign(conversation_id=id, member=member, actor=actor_of(request))
    return HttpResponse(status=204)


@requires("media.view")
@require_safe
def media(request: MemberRequest, id: UUID) -> HttpResponseBase:  # noqa: A002
    """A file of a message."""
    return response_of(get_object_or_404(Media, pk=id), request, inline=True)


def _list(request: MemberRequest) -> dict[str, Any]:
    view, q = _view(request), request.GET.get("q", "").strip()
    page = selectors.conversation_page(cursor=request.GET.get("cursor"), q=q, **VIEWS[view])
    query = urlencode({"view": view, "q": q})
    more = f"{reverse('inbox')}?{query}&cursor={page.next_cursor}"
    return {
        "view": view,
        "views": [{"value": value, "label": label} for value, label in LABELS.items()],
        "q": q,
        "rows": [row_of(conversation, view) for conversation in page.items],
        "next_url": more if page.next_cursor else "",
    }


def _actions(request: MemberRequest, conversation_id: UUID) -> HttpResponse:
    context = {"conversation": selectors.get_conversation(conversation_id)}
    return render(request, "conversations/_actions.html", context)


def _view(request: MemberRequest) -> str:
    view = request.GET.get("view", "")
    return view if view in VIEWS else "open"


def _wants_fragment(request: MemberRequest) -> bool:
    """htmx asks for whole pages too, to go back in the browser's history."""
    return bool(request.htmx) and request.headers.get("HX-Request-Type") != "full"
