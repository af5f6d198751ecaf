"""The team's people and who is invited."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.forms import show_error
from team.forms import InviteForm, roles_offered
from team.models import Member
from team.selectors import member_of, member_page
from team.services import members
from tenants.access import actor_of, requires
from tenants.http import MemberRequest
from tenants.links import platform_path
from tenants.models import Invitation, Membership
from tenants.selectors import pending_invitations
from tenants.services import invitations, memberships
from tenants.services.authors import Author


@require_safe
@requires("members.view")
def index(request: MemberRequest) -> HttpResponse:
    """Everybody who belongs to the company, and the invitations that wait."""
    page = member_page(after=request.GET.get("after", ""))
    context = {
        "page": page,
        "roles": roles_offered(request.membership.role),
        "invitations": pending_invitations(request.company),
    }
    return render(request, "team/members.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.manage")
def invite(request: MemberRequest) -> HttpResponse:
    """The form of the dialog; afterwards the link, to be sent by other means too."""
    form = InviteForm(request.POST or None, inviter_role=request.membership.role)
    if form.is_valid():
        try:
            invited = invitations.invite(
                company=request.company, by=_author(request), **form.cleaned_data
            )
        except DomainError as error:
            show_error(form, error)
        else:
            return _show_link(request, invited, mailed=True)
    return render(request, "team/_invite.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@requires("members.manage")
def role(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Give a member another role."""
    membership = _membership(request, id)
    memberships.change_role(
        membership=membership, role=request.POST.get("role", ""), by=_author(request)
    )
    messages.success(request, _("%(name)s has a new role.") % {"name": membership.person})
    return redirect("members")


@require_POST
@requires("company.view")
def availability(request: MemberRequest) -> HttpResponse:
    """One's own switch: whether new conversations come to oneself."""
    member = member_of(request)
    assert member is not None  # noqa: S101 -- pages are opened by members alone
    members.set_available(
        member_id=member.pk,
        is_available=request.POST.get("available") == "on",
        actor=actor_of(request),
    )
    member.refresh_from_db(fields=["is_available"])
    return render(request, "shell/availability.html") if request.htmx else redirect("members")


@require_POST
@requires("members.manage")
def remove(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """End a membership."""
    membership = _membership(request, id)
    memberships.remove_member(membership=membership, by=_author(request))
    messages.success(request, _("%(name)s is no longer in the team.") % {"name": membership.person})
    is_self = membership.person_id == request.user.pk
    return redirect(platform_path("companies") if is_self else "members")


@require_POST
@requires("members.manage")
def resend(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Mail an invitation once more, with a new link."""
    invited = invitations.renew(invitation=_invitation(request, id), by=_author(request))
    messages.success(
        request, _("Sent to %(email)s once more.") % {"email": invited.invitation.email}
    )
    return redirect("members")


@require_POST
@requires("members.manage")
def link(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """A new link to copy; the mailed one ends, since only the hash of one is kept."""
    invitation = _invitation(request, id)
    invited = invitations.renew(invitation=invitation, by=_author(request), mail=False)
    return _show_link(request, invited, mailed=False)


@require_POST
@requires("members.manage")
def revoke(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Withdraw an invitation."""
    invitations.revoke(invitation=_invitation(request, id))
    messages.success(request, _("The invitation is withdrawn."))
    return redirect("members")


def _author(request: MemberRequest) -> Author:
    return Author.member(request.membership)


def _membership(request: MemberRequest, member_id: UUID) -> Membership:
    member = get_object_or_404(Member, pk=member_id, is_active=True)
    return get_object_or_404(
        Membership.objects.select_related("company", "person"),
        company=request.company,
        person_id=member.person_id,
    )


def _invitation(request: MemberRequest, invitation_id: UUID) -> Invitation:
    return get_object_or_404(pending_invitations(request.company), pk=invitation_id)


def _show_link(
    request: MemberRequest, invited: invitations.Invited, *, mailed: bool
) -> HttpResponse:
    context = {"invitation": invited.invitation, "link": invited.link, "mailed": mailed}
    response = render(request, "team/_invited.html", context)
    response["HX-Trigger"] = "invitations-changed"
    response["Cache-Control"] = "no-store"
    return response
