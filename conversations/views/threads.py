"""The messages of a conversation: pages of them, those that changed, and new ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from conversations import selectors, visibility
from conversations.forms import ReplyForm
from conversations.lines import lines
from conversations.models import Conversation
from conversations.services import replies
from core.errors import DomainError, Invalid, NotFound
from core.ids import uuid_of, uuids_of
from messaging import bodies
from messaging.bodies import Body
from messaging.models import Message
from messaging.services import media
from team.models import Member
from team.selectors import member_of
from tenants.access import requires
from tenants.http import MemberRequest

MAX_UPDATES = 100


@requires("conversations.view", write="conversations.reply")
@require_http_methods(["GET", "HEAD", "POST"])
def messages(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Read on in the thread, or write into it."""
    conversation = visibility.conversation_of(request, id)
    if request.method == "POST":
        message = _send(request, conversation)
        return _bubbles(request, conversation, [message.pk])
    ids = uuids_of(request.GET.getlist("message"))[:MAX_UPDATES]
    if ids:
        return _bubbles(request, conversation, ids)
    around = uuid_of(request.GET.get("around"))
    context = thread_context(request, conversation, around=around)
    response = render(request, "conversations/_messages.html", context)
    response["X-Target"] = context["target"] or ""
    return response


@requires("conversations.reply")
@require_POST
def send_again(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Send one that failed once more; the new one comes as every new message does."""
    conversation = visibility.conversation_of(request, id)
    former = uuid_of(request.POST.get("message"))
    if former is None:
        raise NotFound
    replies.send_again(conversation=conversation, message_id=former, author=member_of(request))
    return _bubbles(request, conversation, [former])


def thread_context(
    request: MemberRequest, conversation: Conversation, *, around: UUID | None = None
) -> dict[str, Any]:
    """A piece of the thread, oldest first, and where it goes on: the newest, those before or after
    a cursor, or those around a message (`target`), if it is there."""
    stretch = _stretch(request, conversation, around)
    address = reverse("conversation-messages", args=[conversation.pk])
    return {
        "conversation": conversation,
        "window": selectors.window_of(conversation),
        "lines": lines(stretch.messages, conversation),
        "older_url": f"{address}?before={stretch.before}" if stretch.before else "",
        "newer_url": f"{address}?after={stretch.after}" if stretch.after else "",
        "target": stretch.target,
    }


def _stretch(
    request: MemberRequest, conversation: Conversation, around: UUID | None
) -> selectors.Stretch:
    found = selectors.thread_around(conversation, around) if around else None
    if found is not None:
        return found
    after = request.GET.get("after")
    if after:
        page = selectors.thread_page(conversation, cursor=after, ascending=True)
        return selectors.Stretch(page.items, after=page.next_cursor)
    page = selectors.thread_page(conversation, cursor=request.GET.get("before"))
    return selectors.Stretch(page.items[::-1], before=page.next_cursor)


def in_words(error: Invalid) -> DomainError:
    """The first thing that is wrong, as one sentence for a toast."""
    problem = next(iter(error.errors.values()))[0]
    return DomainError(problem.code, problem.message, status=error.status, params=error.params)


def _bubbles(
    request: MemberRequest, conversation: Conversation, ids: Iterable[UUID]
) -> HttpResponse:
    """Single bubbles, as hints name them; the page puts each in its place."""
    found = selectors.messages_by_id(conversation, list(ids))
    window = selectors.window_of(conversation)
    context = {
        "conversation": conversation,
        "window": window,
        "lines": lines(found, conversation),
        "is_update": True,
    }
    response = render(request, "conversations/_messages.html", context)
    response["X-Window"] = "open" if window.is_open else "closed"
    response["X-Window-Until"] = window.until.isoformat() if window.until else ""
    return response


def _send(request: MemberRequest, conversation: Conversation) -> Message:
    form = ReplyForm(request.POST, request.FILES)
    if not form.is_valid():
        problem = str(next(iter(form.errors.values()))[0])
        raise DomainError("invalid", problem, status=422)
    author = member_of(request)
    try:
        return replies.reply(
            conversation=conversation,
            body=_body(form.cleaned_data, author),
            author=author,
            reply_to=_quoted(conversation, form.cleaned_data["reply_to"]),
        )
    except Invalid as error:
        raise in_words(error) from error


def _body(data: dict[str, Any], author: Member | None) -> Body:
    """A text, a recording, or a file with the text as its caption."""
    file = data["file"]
    if not file:
        return bodies.text(data["text"])
    if data["voice"]:
        return bodies.media(media.upload_voice(content=file, by=author))
    stored = media.upload(content=file, filename=file.name, by=author)
    return bodies.media(stored, data["text"].strip())


def _quoted(conversation: Conversation, message_id: UUID | None) -> Message | None:
    if message_id is None:
        return None
    return Message.objects.filter(thread_id=conversation.thread_id, pk=message_id).first()
