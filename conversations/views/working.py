"""What people do with a conversation: put away, hand over, label, note; also with many at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import retarget, trigger_client_event

from conversations import moments, selectors, visibility
from conversations import work_selectors as work
from conversations.canned import Context, fill
from conversations.deadlines import deadline_of
from conversations.enums import Priority
from conversations.lines import lines
from conversations.models import Conversation
from conversations.services import assignment, bulk, labels, notes, reply_clock, status
from conversations.views.threads import in_words
from conversations.work_forms import BulkForm, LabelsForm, SnoozeForm, TransferForm
from core.errors import DomainError, Invalid
from core.forms import show_error
from core.ids import uuid_of, uuids_of
from team.models import Member
from team.selectors import active_members, member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest


@requires("conversations.view")
@require_safe
def actions(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """The buttons of a conversation, after somebody else pressed one."""
    return _actions(request, visibility.conversation_of(request, id).pk)


@requires("conversations.view")
@require_safe
def panel(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Whose it is, how urgent and about what: the part of the customer's pane that changes."""
    context = work_context(visibility.conversation_of(request, id))
    return render(request, "conversations/_work.html", context)


@requires("conversations.reply")
@require_POST
def resolve(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Done."""
    conversation = visibility.conversation_of(request, id)
    status.resolve(conversation_id=conversation.pk, actor=actor_of(request))
    return _actions(request, id)


@requires("conversations.reply")
@require_POST
def reopen(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Not done after all."""
    conversation = visibility.conversation_of(request, id)
    status.reopen(conversation_id=conversation.pk, actor=actor_of(request))
    return _actions(request, id)


@requires("conversations.reply")
@require_POST
def pending(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Somebody else has to do something first."""
    conversation = visibility.conversation_of(request, id)
    status.set_pending(conversation_id=conversation.pk, actor=actor_of(request))
    return _actions(request, id)


@requires("conversations.reply")
@require_http_methods(["GET", "HEAD", "POST"])
def snooze(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Until one of the offered moments, or their own in a dialog."""
    conversation = visibility.conversation_of(request, id)
    form = SnoozeForm(request.POST or None)
    if form.is_valid():
        try:
            status.snooze(conversation_id=id, until=form.moment, actor=actor_of(request))
        except DomainError as error:
            show_error(form, error)
        else:
            return _done(request, id)
    return _dialog(request, "_snooze.html", conversation, form)


@requires("conversations.reply")
@require_POST
def assign(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Make it somebody's, or nobody's."""
    conversation = visibility.conversation_of(request, id)
    chosen = uuid_of(request.POST.get("member"))
    member = get_object_or_404(Member, pk=chosen) if chosen else None
    assignment.assign(conversation_id=conversation.pk, member=member, actor=actor_of(request))
    return HttpResponse(status=204)


@requires("conversations.reply")
@require_POST
def take(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Make it their own."""
    conversation = visibility.conversation_of(request, id)
    assignment.assign(
        conversation_id=conversation.pk, member=member_of(request), actor=actor_of(request)
    )
    return _actions(request, id)


@requires("conversations.reply")
@require_http_methods(["GET", "HEAD", "POST"])
def transfer(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Hand it over to a team or a person, with a note."""
    conversation = visibility.conversation_of(request, id)
    has = {"team": conversation.team_id, "member": conversation.assignee_id}
    form = TransferForm(request.POST if request.method == "POST" else None, initial=has)
    if form.is_bound and form.is_valid():
        try:
            assignment.transfer(conversation_id=id, actor=actor_of(request), **form.cleaned_data)
        except DomainError as error:
            show_error(form, error)
        else:
            return _done(request, id)
    return _dialog(request, "_transfer.html", conversation, form)


@requires("conversations.reply")
@require_POST
def priority(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """How soon somebody should look at it."""
    conversation, chosen = visibility.conversation_of(request, id), request.POST.get("priority", "")
    try:
        assignment.set_priority(
            conversation_id=conversation.pk, priority=chosen, actor=actor_of(request)
        )
    except Invalid as error:
        raise in_words(error) from error
    return HttpResponse(status=204)


@requires("conversations.reply")
@require_http_methods(["GET", "HEAD", "POST"])
def label(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Which labels it has."""
    conversation = visibility.conversation_of(request, id)
    has = {one.pk for one in conversation.labels.all()}
    form = LabelsForm(request.POST if request.method == "POST" else None, initial={"labels": has})
    if form.is_bound and form.is_valid():
        wanted = {one.pk for one in form.cleaned_data["labels"]}
        labels.change(
            conversation_id=id, add=wanted - has, remove=has - wanted, actor=actor_of(request)
        )
        return _done(request, id)
    return _dialog(request, "_labels.html", conversation, form)


@requires("conversations.reply")
@require_POST
def note(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Write to the team; the answer is its bubble."""
    conversation = visibility.conversation_of(request, id)
    text = request.POST.get("text", "")
    try:
        written = notes.write(conversation=conversation, text=text, author=member_of(request))
    except Invalid as error:
        raise in_words(error) from error
    found = selectors.messages_by_id(conversation, [written.pk])
    context = {
        "conversation": conversation,
        "lines": lines(found, conversation),
        "is_update": True,
    }
    return render(request, "conversations/_messages.html", context)


@requires("conversations.reply")
@require_safe
def people(request: MemberRequest) -> HttpResponse:
    """Whom a note can mention: what fits behind the typed `@`."""
    found = work.members_like(request.GET.get("q", ""))
    options = [{"insert": f"@{member} ", "label": str(member), "hint": ""} for member in found]
    return render(request, "conversations/_suggestions.html", {"options": options})


@requires("conversations.reply")
@require_safe
def canned(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Canned replies that fit behind the typed `/`, filled for this conversation."""
    member = member_of(request)
    context = Context(visibility.conversation_of(request, id), member, request.company.name)
    options = [
        {"insert": filled, "label": f"/{reply.shortcut}", "hint": filled}
        for reply in work.canned_like(member, request.GET.get("q", ""))
        if (filled := fill(reply.text, context))
    ]
    return render(request, "conversations/_suggestions.html", {"options": options})


@requires("conversations.reply")
@require_POST
def many(request: MemberRequest) -> HttpResponse:
    """One action on the conversations `ids`; the list hears of each by its hints."""
    form = BulkForm(request.POST)
    if not form.is_valid():
        problem = str(next(iter(form.errors.values()))[0])
        raise DomainError("invalid", problem, status=422)
    data = {name: value for name, value in form.cleaned_data.items() if name != "preset"}
    try:
        outcome = bulk.apply(
            ids=uuids_of(request.POST.getlist("ids")),
            order=bulk.Order(actor=actor_of(request), **data),
        )
    except Invalid as error:
        raise in_words(error) from error
    return trigger_client_event(HttpResponse(status=204), "toast", _told(outcome))


def work_context(conversation: Conversation) -> dict[str, Any]:
    """What `_work.html` shows."""
    return {
        "conversation": conversation,
        "members": active_members(),
        "labels": conversation.labels.all(),
        "priorities": Priority.choices,
    }


def actions_context(conversation: Conversation) -> dict[str, Any]:
    """What `_actions.html` shows."""
    return {
        "conversation": conversation,
        "moments": moments.choices(timezone.now()),
        "deadline": deadline_of(conversation),
        "has_promises": bool(reply_clock.promises()),
    }


def _told(outcome: bulk.Outcome) -> dict[str, str]:
    """The outcome as a toast: how many changed, and the reasons of the others, each once."""
    changed = ngettext(
        "%(count)s conversation changed", "%(count)s conversations changed", outcome.changed
    ) % {"count": outcome.changed}
    if not outcome.refused:
        return {"tone": "success", "text": changed}
    reasons = " ".join(dict.fromkeys(refusal.reason for refusal in outcome.refused))
    kept = ngettext(
        "%(count)s stayed as it was: %(reasons)s",
        "%(count)s stayed as they were: %(reasons)s",
        len(outcome.refused),
    ) % {"count": len(outcome.refused), "reasons": reasons}
    return {"tone": "warning", "title": changed, "text": kept}


def _actions(request: MemberRequest, conversation_id: UUID) -> HttpResponse:
    """As it is now, also for who has just handed it on and sees it no more."""
    context = actions_context(selectors.get_conversation(conversation_id))
    return render(request, "conversations/_actions.html", context)


def _done(request: MemberRequest, conversation_id: UUID) -> HttpResponse:
    """The dialog goes, and the new buttons are in their place."""
    response = retarget(_actions(request, conversation_id), "#conversation-actions")
    return trigger_client_event(response, "dialog-close", {})


def _dialog(
    request: MemberRequest, template: str, conversation: Conversation, form: Form
) -> HttpResponse:
    """The form in the dialog; what is wrong with it stays there."""
    context = {**actions_context(conversation), "form": form}
    status_code = 422 if form.errors else 200
    return render(request, f"conversations/{template}", context, status=status_code)
