"""A conversation beside the list, and what people do with it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from conversations import visibility
from conversations.files import response_of
from conversations.lines import name_of
from conversations.services import conversations
from conversations.views.composing import composer_context
from conversations.views.listing import list_context, list_query
from conversations.views.scheduling import waiting
from conversations.views.threads import thread_context
from conversations.views.working import actions_context, work_context
from core.ids import uuid_of
from crm import field_kinds
from crm.models import Contact
from crm.selectors import field_definitions
from messaging.models import Media
from tenants.access import requires
from tenants.http import MemberRequest


@requires("conversations.view")
@require_safe
def show(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """A conversation beside the list; htmx gets the conversation alone."""
    conversation = visibility.conversation_of(request, id)
    context = {
        **thread_context(request, conversation, around=uuid_of(request.GET.get("message"))),
        **composer_context(request, conversation),
        "scheduled": waiting(conversation),
        "conversation": conversation,
        "name": name_of(conversation),
        "fields": _fields_of(conversation.contact),
        **work_context(conversation),
        **actions_context(conversation),
    }
    if _wants_fragment(request):
        context["list_query"] = list_query(request)
        return render(request, "conversations/_conversation.html", context)
    return render(request, "conversations/inbox.html", {**list_context(request), **context})


@requires("conversations.reply")
@require_POST
def read(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Somebody has it before their eyes."""
    conversation = visibility.conversation_of(request, id)
    conversations.mark_read(conversation_id=conversation.pk)
    return HttpResponse(status=204)


@requires("media.view")
@require_safe
def media(request: MemberRequest, id: UUID) -> HttpResponseBase:  # noqa: A002
    """A file of a message."""
    return response_of(
        get_object_or_404(visibility.files(visibility.looker(request), Media.objects.all()), pk=id),
        request,
        inline=True,
    )


def _fields_of(contact: Contact) -> list[tuple[str, str]]:
    """A customer's own fields as people call and read them."""
    own = contact.attributes
    return field_kinds.shown(own, field_definitions()) if own else []


def _wants_fragment(request: MemberRequest) -> bool:
    """htmx asks for whole pages too, to go back in the browser's history."""
    return bool(request.htmx) and request.headers.get("HX-Request-Type") != "full"
