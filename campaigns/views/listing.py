"""The list of campaigns, and what its menu does to one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from campaigns import selectors
from campaigns.enums import ENDED, WAITING, CampaignState
from campaigns.models import Campaign
from campaigns.services import campaigns, copies
from core.keyset import page_of
from team.selectors import member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest

ARCHIVED = "archived"  # a view of its own beside the states


@requires("campaigns.view")
@require_GET
def index(request: MemberRequest) -> HttpResponse:
    """All campaigns, the newest first; those put away only when asked for."""
    state, q = request.GET.get("state", ""), request.GET.get("q", "").strip()
    rows = selectors.campaign_list(
        state=state if state in CampaignState.values else "", q=q, archived=state == ARCHIVED
    )
    page = page_of(
        rows,
        cursor=request.GET.get("cursor"),
        field="created_at",
    )
    context = {
        "page": page,
        "rows": [row_of(campaign) for campaign in page.items],
        "state": state,
        "q": q,
        "states": [*CampaignState.choices, (ARCHIVED, _("Archived"))],
    }
    template = "campaigns/list.html#rows" if request.htmx else "campaigns/list.html"
    return render(request, template, context)


@requires("campaigns.manage")
@require_POST
def clone(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- the route's word
    """A draft like it."""
    copy = copies.clone(
        campaign=selectors.get_campaign(id), by=member_of(request), actor=actor_of(request)
    )
    return redirect("campaign-audience", id=copy.pk)


@requires("campaigns.manage")
@require_POST
def archive(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Take it off the list; its report stays."""
    campaigns.archive(campaign=selectors.get_campaign(id))
    messages.success(request, _("The campaign is archived. Its report stays."))
    return redirect("campaigns")


@requires("campaigns.manage")
@require_POST
def unarchive(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Bring it back to the list."""
    campaigns.unarchive(campaign=selectors.get_campaign(id))
    messages.success(request, _("The campaign is back on the list."))
    return redirect("campaign", id=id)


@requires("campaigns.manage")
@require_POST
def delete(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Put a draft away."""
    campaigns.delete_campaign(campaign=selectors.get_campaign(id))
    return HttpResponseClientRedirect(reverse("campaigns"))


def row_of(campaign: Campaign) -> dict[str, Any]:
    """A line of the list, from the counts kept with the run."""
    counts = selectors.kept_counts(campaign)
    return {
        "campaign": campaign,
        "counts": counts,
        "percent": selectors.progress(campaign, counts),
        "tells_read": selectors.tells_read(campaign),
        "is_waiting": campaign.state in WAITING,
        "is_over": campaign.state in ENDED,
    }
