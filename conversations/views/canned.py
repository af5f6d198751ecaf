"""Canned replies: everybody's and one's own, and a dialog to make and change one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from conversations.models import CannedReply
from conversations.services import canned
from conversations.work_forms import CannedReplyForm
from conversations.work_selectors import canned_replies
from core.errors import Conflict, DomainError
from core.forms import show_error
from team.selectors import member_of
from tenants.access import requires
from tenants.http import MemberRequest
from tenants.permissions import allows


@require_safe
@requires("canned_replies.view")
def index(request: MemberRequest) -> HttpResponse:
    """Those that this member may use."""
    context = {"replies": canned_replies(member_of(request))}
    return render(request, "conversations/canned.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("canned_replies.edit")
def new(request: MemberRequest) -> HttpResponse:
    """The form of the dialog for a new one."""
    form = CannedReplyForm(request.POST or None, may_share=_may_share(request))
    return _form(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("canned_replies.edit")
def edit(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """The form of the dialog for one that is there; whose it is stays."""
    reply = _editable(request, id)
    initial = {"shortcut": reply.shortcut, "text": reply.text}
    form = CannedReplyForm(request.POST or None, initial=initial, may_share=False)
    return _form(request, form, reply)


@require_POST
@requires("canned_replies.edit")
def delete(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Forget one."""
    canned.delete_reply(reply=_editable(request, id))
    messages.success(request, _("The canned reply is deleted."))
    return redirect("canned-replies")


def _editable(request: MemberRequest, reply_id: UUID) -> CannedReply:
    reply = get_object_or_404(canned_replies(member_of(request)), pk=reply_id)
    if reply.owner_id is None and not _may_share(request):
        raise Conflict(
            "canned_shared",
            _("Managers alone change what everybody uses. Make one of your own instead."),
        )
    return reply


def _may_share(request: MemberRequest) -> bool:
    return allows(request.membership.role, "canned_replies.share")


def _form(request: MemberRequest, form: CannedReplyForm, reply: CannedReply | None) -> HttpResponse:
    if form.is_bound and form.is_valid():
        try:
            _save(request, form, reply)
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("The canned reply is saved."))
            done = reverse("canned-replies")
            return HttpResponseClientRedirect(done) if request.htmx else redirect(done)
    context = {"form": form, "reply": reply}
    status = 422 if form.errors else 200
    return render(request, "conversations/_canned_form.html", context, status=status)


def _save(request: MemberRequest, form: CannedReplyForm, reply: CannedReply | None) -> None:
    data = dict(form.cleaned_data)
    is_shared = data.pop("is_shared", False)
    if reply is None:
        canned.create_reply(owner=None if is_shared else member_of(request), **data)
    else:
        canned.update_reply(reply=reply, **data)
