"""The bell: what a member was told, and what of it they have not seen."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from team.forms import NotificationsForm
from team.models import Member, Notification
from team.selectors import kinds_for, member_of, notices_of, wanted_kinds
from team.services import notifications
from tenants.access import requires
from tenants.http import MemberRequest


@require_safe
@requires("company.view")
def panel(request: MemberRequest) -> HttpResponse:
    """The latest notifications, newest first."""
    return render(request, "team/_notifications.html", {"notices": notices_of(_member(request))})


@require_safe
@requires("company.view")
def unread(request: MemberRequest) -> HttpResponse:
    """The dot on the bell."""
    return render(request, "shell/_unread_dot.html")


@require_POST
@requires("company.view")
def read_all(request: MemberRequest) -> HttpResponse:
    """Mark everything as read."""
    notifications.mark_read(member=_member(request))
    return panel_after(request)


@require_safe
@requires("company.view")
def open_one(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Go to what a notification is about; it counts as read from then on."""
    member = _member(request)
    notification = get_object_or_404(Notification, pk=id, member=member)
    notifications.mark_read(member=member, ids=[notification.pk])
    return redirect(notification.url or reverse("home"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires("company.view")
def preferences(request: MemberRequest) -> HttpResponse:
    """What one wants to be told, kind by kind."""
    member = _member(request)
    form = NotificationsForm(
        request.POST if request.method == "POST" else None,
        kinds=kinds_for(member),
        wanted=wanted_kinds(member),
    )
    if form.is_valid():
        notifications.choose(member=member, codes=form.codes)
        messages.success(request, _("Saved."))
        return redirect("notification-settings")
    return render(request, "team/notification_settings.html", {"form": form})


def panel_after(request: MemberRequest) -> HttpResponse:
    """The panel again, after something in it changed."""
    return render(request, "team/_notifications.html", {"notices": notices_of(_member(request))})


def _member(request: MemberRequest) -> Member:
    member = member_of(request)
    assert member is not None  # noqa: S101 -- pages are opened by members alone
    return member
