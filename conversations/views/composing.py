"""The composer, templates, and the first message to a contact."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from connections.models import Connection
from connections.selectors import provider_of
from conversations import selectors, visibility
from conversations.forms import TemplateForm
from conversations.models import Conversation
from conversations.services import assignment, conversations, replies
from conversations.views.threads import in_words
from core.errors import DomainError, Invalid, NotFound
from core.forms import show_error
from core.ids import uuid_of
from crm.models import Contact
from messaging import bodies, media_types
from messaging import segments as sms_segments
from messaging.models import Template
from messaging.rendering import render as rendered
from messaging.template_parts import part
from messaging.template_selectors import sendable_template
from team.selectors import member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest

ACCEPTED = ",".join(sorted({mime for types, _size in media_types.SENT.values() for mime in types}))


@requires("conversations.view")
@require_safe
def composer(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """The composer as it has to be now: the window opened or closed."""
    conversation = visibility.conversation_of(request, id)
    context = composer_context(request, conversation)
    return render(request, "conversations/_composer.html", context)


@requires("conversations.reply")
@require_POST
def segments(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Into how many SMS the typed text will be cut."""
    visibility.conversation_of(request, id)
    context = {"segments": sms_segments.count(request.POST.get("text", ""))}
    return render(request, "conversations/_segments.html", context)


@requires("conversations.reply")
@require_http_methods(["GET", "HEAD", "POST"])
def template(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Choose a template, fill it in, send it; stays in the dialog until it is sent."""
    conversation = visibility.conversation_of(request, id)
    if not request.GET.get("template"):
        return _choices(request, conversation)
    chosen = _chosen(request, conversation)
    form = TemplateForm(
        template=chosen, contact=conversation.contact, data=request.POST or _empty(request)
    )
    if request.method == "POST" and form.is_valid():
        try:
            replies.reply(
                conversation=conversation,
                body=bodies.template(chosen, form.values),
                author=member_of(request),
            )
        except DomainError as error:
            show_error(form, error)
        else:
            return trigger_client_event(HttpResponse(status=204), "dialog-close", {})
    context = {
        "conversation": conversation,
        "template": chosen,
        "form": form,
        "preview": rendered(chosen, form.values),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "conversations/_template_form.html", context, status=status)


@requires("conversations.reply")
@require_POST
def template_preview(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The template with what stands in the fields."""
    conversation = visibility.conversation_of(request, id)
    chosen = _chosen(request, conversation)
    form = TemplateForm(template=chosen, contact=conversation.contact, data=request.POST)
    return render(request, "messaging/_bubble.html", {"shown": rendered(chosen, form.values)})


@requires("conversations.reply")
@require_POST
def start(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Write to a contact first: opens the conversation, where a template is chosen."""
    contact = get_object_or_404(Contact.objects.alive(), pk=id)
    number = uuid_of(request.POST.get("connection"))
    connection = get_object_or_404(Connection, pk=number, deleted_at=None)
    member = member_of(request)
    visibility.refuse_hidden(member, contact, connection)
    conversation = conversations.start(
        contact=contact, connection=connection, actor=actor_of(request)
    )
    if visibility.hidden_among(member, [conversation.pk]):  # new, and nobody's
        assignment.assign(conversation_id=conversation.pk, member=member, actor=actor_of(request))
    return redirect("conversation", conversation.pk)


def composer_context(request: MemberRequest, conversation: Conversation) -> dict[str, Any]:
    """What the composer shows."""
    person, slug = request.user.pk, request.company.slug
    return {
        "conversation": conversation,
        "window": selectors.window_of(conversation),
        "accepted": ACCEPTED,
        "is_sms": selectors.is_sms(conversation),
        "text_limit": provider_of(conversation.thread.connection).capabilities.text_limit,
        # A draft is its writer's own, in this company alone.
        "draft_key": f"draft:{person}:{slug}:{conversation.pk}",
    }


def _choices(request: MemberRequest, conversation: Conversation) -> HttpResponse:
    q = request.GET.get("q", "").strip()
    templates = [
        {"template": one, "body": part(one.components, "BODY").get("text", "")}
        for one in selectors.sendable_templates(conversation, q=q)
    ]
    name = "_templates.html#choices" if "q" in request.GET else "_templates.html"
    context = {"conversation": conversation, "templates": templates, "q": q}
    return render(request, f"conversations/{name}", context)


def _chosen(request: MemberRequest, conversation: Conversation) -> Template:
    template_id = uuid_of(request.GET.get("template"))
    if template_id is None:
        raise NotFound
    try:
        return sendable_template(conversation.thread.connection, template_id)
    except Invalid as error:
        raise in_words(error) from error


def _empty(request: MemberRequest) -> dict[str, Any] | None:
    """A template without variables posts nothing, and is complete."""
    return {} if request.method == "POST" else None
