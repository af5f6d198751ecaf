"""The list, a campaign's page, and what people do to one that is under way."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from campaigns import selectors
from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.services import campaigns, lifecycle
from core.keyset import page_of
from messaging.enums import PublicState
from tenants.access import actor_of, requires
from tenants.http import MemberRequest

WAITING = (CampaignState.DRAFT, CampaignState.SCHEDULED)
RECIPIENT_STATES = [state for state in PublicState if state != PublicState.RECEIVED]


@requires("campaigns.view")
@require_GET
def index(request: MemberRequest) -> HttpResponse:
    """All campaigns, the newest first."""
    state, q = request.GET.get("state", ""), request.GET.get("q", "").strip()
    page = page_of(
        selectors.campaign_list(state=state if state in CampaignState.values else "", q=q),
        cursor=request.GET.get("cursor"),
        field="created_at",
    )
    for campaign in page.items:
        campaign.kept = selectors.kept_counts(campaign)
        campaign.percent = selectors.progress(campaign.kept)
    context = {"page": page, "state": state, "q": q, "states": CampaignState.choices}
    template = "campaigns/list.html#rows" if request.htmx else "campaigns/list.html"
    return render(request, template, context)


@requires("campaigns.view")
@require_GET
def show(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- the route's word
    """A campaign: what it sends and to whom, then how it goes."""
    campaign = selectors.get_campaign(id)
    context = {**_report(campaign), **_recipients(request, campaign)}
    return render(request, "campaigns/show.html", context)


@requires("campaigns.view")
@require_GET
def progress(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The state, the bar and the numbers: fetched at every hint, by everybody who looks on.

    So from the counts that the hint is about, where there are any; counting a large campaign anew
    for each reader would keep the database busy.
    """
    campaign = selectors.get_campaign(id)
    context = _report(campaign, counts=campaign.stream.counts or None)
    return render(request, "campaigns/_progress.html", context)


@requires("campaigns.view")
@require_GET
def recipients(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The table of recipients, by state or reason, a page at a time."""
    campaign = selectors.get_campaign(id)
    name = "_recipient_rows" if request.GET.get("cursor") else "_recipients"
    return render(request, f"campaigns/{name}.html", _recipients(request, campaign))


@requires("campaigns.manage")
@require_POST
def delete(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Put a draft away."""
    campaigns.delete_campaign(campaign=selectors.get_campaign(id))
    return HttpResponseClientRedirect(reverse("campaigns"))


@requires("campaigns.view", write="campaigns.manage")
@require_POST
def act(request: MemberRequest, id: UUID, verb: str) -> HttpResponse:  # noqa: A002
    """start, pause, resume or cancel."""
    verbs = {
        "start": lifecycle.start,
        "pause": lifecycle.pause,
        "resume": lifecycle.resume,
        "cancel": lifecycle.cancel,
    }
    verbs[verb](campaign_id=id, actor=actor_of(request))
    if request.htmx:
        return render(request, "campaigns/_progress.html", _report(selectors.get_campaign(id)))
    return redirect("campaign", id=id)


def _report(campaign: Campaign, *, counts: dict[str, int] | None = None) -> dict[str, object]:
    counts = counts or selectors.counts(campaign)
    return {
        "campaign": campaign,
        "counts": counts,
        "parts": selectors.bar(counts),
        "percent": selectors.progress(counts),
        "is_waiting": campaign.state in WAITING,
        "speed": selectors.speed(campaign, counts, timezone.now()),
        "reasons": selectors.reasons_of(campaign),
        "state_reason": selectors.state_reason(campaign),
    }


def _recipients(request: MemberRequest, campaign: Campaign) -> dict[str, object]:
    state, code = request.GET.get("state", ""), request.GET.get("code", "")
    rows = selectors.recipients(
        campaign, state=state if state in RECIPIENT_STATES else "", code=code
    )
    page = page_of(rows, cursor=request.GET.get("cursor"), field="created_at", ascending=True)
    return {
        "campaign": campaign,
        "page": page,
        "rows": [
            selectors.recipient_row(message, campaign.connection.provider) for message in page.items
        ],
        "recipient_state": state,
        "recipient_states": [(item.value, item.label) for item in RECIPIENT_STATES],
    }
