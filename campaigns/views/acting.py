"""What people do to a campaign: start, pause, go on, cancel, send again, choose the winner."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns import selectors
from campaigns.services import copies, lifecycle, winners
from campaigns.views import report
from team.selectors import member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest

VERBS = {
    "start": lifecycle.start,
    "pause": lifecycle.pause,
    "resume": lifecycle.resume,
    "cancel": lifecycle.cancel,
}


@requires("campaigns.manage")
@require_POST
def act(request: MemberRequest, id: UUID, verb: str) -> HttpResponse:  # noqa: A002 -- the route's word
    """start, pause, resume or cancel."""
    VERBS[verb](campaign_id=id, actor=actor_of(request))
    if not request.htmx:
        return redirect("campaign", id=id)
    context = report.head(request, selectors.get_campaign(id))
    return render(request, "campaigns/_progress.html", context)


@requires("campaigns.manage")
@require_POST
def resend(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """A draft for those whom it did not reach for the chosen causes (all that may be tried)."""
    again = copies.resend(
        campaign=selectors.get_campaign(id),
        codes=request.POST.getlist("code"),
        by=member_of(request),
        actor=actor_of(request),
    )
    messages.success(request, _("This is a new campaign for them alone. Check it and send it."))
    return redirect("campaign", id=again.pk)


@requires("campaigns.manage")
@require_POST
def choose_winner(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """A person decides which version the rest gets."""
    variant = request.POST.get("variant", "")
    winners.choose(campaign_id=id, variant=variant, actor=actor_of(request))
    messages.success(request, _("The rest gets version %(letter)s.") % {"letter": variant})
    return redirect("campaign", id=id)
