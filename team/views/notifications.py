"""The bell: what a member was told, and what of it they have not seen."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from team.models import Member, Notification
from team.selectors import member_of, notices_of
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


def panel_after(request: MemberRequest) -> HttpResponse:
    """The panel again, after something in it changed."""
    return render(request, "team/_notifications.html", {"notices": notices_of(_member(request))})


def _member(request: MemberRequest) -> Member:
    member = member_of(request)
    assert member is not None  # noqa: S101 -- pages are opened by members alone
    return member
