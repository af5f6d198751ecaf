"""What all steps of the wizard share: the draft, the stepper, and where a saved step leads."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import drafts, selectors
from campaigns.enums import WAITING, CampaignState, Step
from campaigns.models import Campaign
from campaigns.services import campaigns
from core.errors import Conflict
from tenants.access import actor_of
from tenants.http import MemberRequest

StepView = Callable[..., HttpResponse]

ROUTES = {step: f"campaign-{step.value}" for step in Step}
ORDER = list(Step)
LEAVE = "leave"  # the button that saves and goes to the campaigns
# A paused campaign takes changes of what it says and of its pace, not of whom it goes to.
OF_PAUSED = frozenset({Step.MESSAGE, Step.WHEN})


class Begun(Conflict):
    """The campaign is under way or over, so that this step of it is settled."""

    default_code = "campaign_started"
    default_message = _("This campaign has begun; that part is settled.")


def of_a_draft(view: StepView) -> StepView:
    """A step's page: once the campaign has begun it leads to the report, since people come back to
    it by the browser's button."""

    @wraps(view)
    def shown(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- the route's word
        try:
            return view(request, id=id)
        except Begun as begun:
            messages.info(request, begun.text)
            return redirect("campaign", id=id)

    return shown


def draft(campaign_id: UUID, step: Step) -> Campaign:
    """The campaign whose step is shown or saved.

    Raises:
        core.errors.NotFound: there is none.
        Begun: it is under way or over; its page says more.
    """
    campaign = selectors.get_campaign(campaign_id)
    is_open = campaign.state in WAITING
    if not is_open and not (campaign.state == CampaignState.PAUSED and step in OF_PAUSED):
        raise Begun
    return campaign


def page(
    request: MemberRequest,
    campaign: Campaign | None,
    step: Step,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """The step's page in the frame of the wizard."""
    frame = {
        "campaign": campaign,
        "step": {"label": step.label, "number": ORDER.index(step) + 1},
        "steps": _stepper(campaign),
        "is_paused": campaign is not None and campaign.state == CampaignState.PAUSED,
        "previous_url": _url(campaign, _neighbour(step, -1)),
    }
    template = f"campaigns/{step.value}.html"
    return render(request, template, {**frame, **context}, status=status)


def after(request: MemberRequest, campaign: Campaign, step: Step) -> HttpResponseRedirect:
    """Where a saved step leads: on, to the list, or back to a paused campaign."""
    if campaign.state == CampaignState.PAUSED:
        return redirect("campaign", id=campaign.pk)
    following = _neighbour(step, 1)
    if request.POST.get("then") == LEAVE or following is None:
        return redirect("campaigns")
    return redirect(ROUTES[following], id=campaign.pk)


def keep(
    request: MemberRequest, campaign: Campaign, step: Step, fields: dict[str, Any]
) -> Campaign:
    """Keep what the step says; of a paused campaign only what it may still change.

    Raises:
        core.errors.Invalid, core.errors.Conflict: as campaigns.services.campaigns.save_draft.
    """
    if campaign.state == CampaignState.PAUSED:
        fields = {name: fields[name] for name in fields.keys() & (drafts.CONTENT | drafts.PACE)}
    return campaigns.save_draft(campaign=campaign, step=step, actor=actor_of(request), **fields)


def first_open(campaign: Campaign) -> str:
    """The address of the step at which a draft goes on: the first that is not complete."""
    missing = drafts.problems(campaign)
    step = next((one for one in ORDER if one in missing), Step.CHECK)
    return reverse(ROUTES[step], args=[campaign.pk])


def _stepper(campaign: Campaign | None) -> list[dict[str, str | Promise]]:
    return [{"label": step.label, "url": _url(campaign, step)} for step in ORDER]


def _url(campaign: Campaign | None, step: Step | None) -> str:
    if campaign is None or step is None:
        return ""
    if campaign.state == CampaignState.PAUSED and step not in OF_PAUSED:
        return ""
    return reverse(ROUTES[step], args=[campaign.pk])


def _neighbour(step: Step, distance: int) -> Step | None:
    place = ORDER.index(step) + distance
    return ORDER[place] if 0 <= place < len(ORDER) else None
