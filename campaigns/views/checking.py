"""The steps "check" and "send": what would happen, and the last look before it does."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from campaigns import drafts, selectors
from campaigns.enums import WAITING, Step
from campaigns.models import Campaign
from campaigns.preflight import preflight
from campaigns.views import wizard
from messaging import reasons
from messaging.rendering import render as render_template
from tenants.access import requires
from tenants.http import MemberRequest


@requires("campaigns.manage")
@require_GET
def check(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- the route's word
    """The check's page; what it finds is loaded into it."""
    return wizard.page(request, wizard.draft(id, Step.CHECK), Step.CHECK, {})


@requires("campaigns.view")
@require_GET
def found(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The preflight: how many will get it, how many will not and why, when and for how much."""
    campaign = selectors.get_campaign(id)
    context = _problems(campaign) or _outlook(campaign)
    return render(request, "campaigns/_preflight.html", {"campaign": campaign, **context})


@requires("campaigns.manage")
@require_GET
def send(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The last step's page; its numbers are loaded into it."""
    return wizard.page(request, wizard.draft(id, Step.SEND), Step.SEND, {})


@requires("campaigns.manage")
@require_GET
def ready(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The numbers once more, and the button."""
    campaign = wizard.draft(id, Step.SEND)
    context = _problems(campaign) or {
        "preflight": preflight(campaign),
        "numbers": list(campaign.connections.all()) or [campaign.connection],
        "is_later": campaign.scheduled_at is not None and campaign.scheduled_at > timezone.now(),
    }
    return render(request, "campaigns/_ready.html", {"campaign": campaign, **context})


def _problems(campaign: Campaign) -> dict[str, Any]:
    """What is still missing, by step; empty when the campaign could start."""
    missing = drafts.problems(campaign)
    if not missing:
        return {}
    return {
        "problems": [
            {
                "label": step.label,
                "url": reverse(wizard.ROUTES[step], args=[campaign.pk]),
                "sentences": [error.message for errors in fields.values() for error in errors],
            }
            for step, fields in missing.items()
        ]
    }


def _outlook(campaign: Campaign) -> dict[str, Any]:
    result = preflight(campaign)
    values = result.sample["values"] if result.sample else {}
    return {
        "preflight": result,
        "is_draft": campaign.state in WAITING,
        "skipped": [
            (reasons.explain(code, provider=campaign.provider), count)
            for code, count in result.skipped.items()
        ],
        "shown": render_template(campaign.template, values) if campaign.template else None,
    }
