"""The steps "check" and "send": what would happen, a try on a phone, the last look."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from campaigns import drafts, selectors
from campaigns.enums import WAITING, Step
from campaigns.models import Campaign
from campaigns.outlook import Place, Warned
from campaigns.preflight import Preflight, preflight
from campaigns.services.trials import send_trial
from campaigns.views import wizard
from campaigns.views.sentences import first_sentence
from campaigns.who import SHOWN, people_for
from core.errors import DomainError
from messaging import reasons
from messaging.rates.enums import RateCategory
from team.selectors import member_of
from tenants.access import requires
from tenants.http import MemberRequest


@requires("campaigns.manage")
@require_GET
@wizard.of_a_draft
def check(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- the route's word
    """The check's page; what it finds is loaded into it."""
    campaign = wizard.draft(id, Step.CHECK)
    context = {"variants": campaign.variants}
    return wizard.page(request, campaign, Step.CHECK, context)


@requires("campaigns.view")
@require_GET
def found(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The preflight: how many will get it, how many will not and why, when and for how much."""
    campaign = selectors.get_campaign(id)
    context = _problems(campaign) or _outlook(campaign)
    return render(request, "campaigns/_preflight.html", {"campaign": campaign, **context})


@requires("campaigns.view")
@require_GET
def who(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The first contacts behind a number of the check, for a dialog."""
    campaign, code = selectors.get_campaign(id), request.GET.get("code", "")
    people = [] if drafts.problems(campaign) else people_for(campaign, code)
    context = {
        "people": people,
        "is_cut": len(people) == SHOWN,
        "reason": reasons.explain(code, provider=campaign.provider),
    }
    return render(request, "campaigns/_who.html", context)


@requires("campaigns.manage")
@require_POST
def trial(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Send the message as it stands to one phone."""
    campaign = wizard.draft(id, Step.CHECK)
    phone, chosen = request.POST.get("phone", ""), request.POST.get("variant", "")
    context: dict[str, Any] = {"campaign": campaign, "phone": phone, "chosen": chosen}
    context["variants"] = campaign.variants
    try:
        [sent] = send_trial(
            campaign=campaign,
            by=member_of(request),
            phone=phone,
            variant=chosen,
        )
        context["is_sent"] = True
        # A window or a pause may hold it back; then that is what it says.
        context["waits"] = sent.code and reasons.explain(sent.code, provider=campaign.provider)
    except DomainError as error:
        context["error"] = first_sentence(error)
    status = 422 if "error" in context else 200
    return render(request, "campaigns/_trial.html", context, status=status)


@requires("campaigns.manage")
@require_GET
@wizard.of_a_draft
def send(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The last step's page; its numbers are loaded into it."""
    return wizard.page(request, wizard.draft(id, Step.SEND), Step.SEND, {})


@requires("campaigns.manage")
@require_GET
def ready(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The numbers once more, counted anew, and the button."""
    campaign = wizard.draft(id, Step.SEND)
    context = _problems(campaign) or {
        **_counted(campaign),
        "contents": selectors.contents_named(campaign),
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
    known = _counted(campaign)
    result = known["preflight"]
    return {
        **known,
        "is_draft": campaign.state in WAITING,
        "skipped": _causes(campaign, result.skipped),
        "delayed": _causes(campaign, result.delayed),
        "days": _days(result),
        "prices": [(RateCategory(line.category).label, line) for line in result.quote.lines],
    }


def _counted(campaign: Campaign) -> dict[str, Any]:
    """The preflight, and its warnings with where each is mended."""
    result = preflight(campaign)
    warnings = [(one, _mend_url(campaign, one)) for one in result.warnings]
    return {"preflight": result, "warnings": warnings}


def _causes(campaign: Campaign, counts: dict[str, int]) -> list[tuple[reasons.Reason, int]]:
    return [
        (reasons.explain(code, provider=campaign.provider), count) for code, count in counts.items()
    ]


def _days(result: Preflight) -> list[tuple[Any, int]]:
    """Days and messages where it takes more than one; else there is nothing to compare."""
    return list(result.by_day.items()) if len(result.by_day) > 1 else []


def _mend_url(campaign: Campaign, warning: Warned) -> str:
    """The page on which a warning is mended."""
    match warning.place:
        case Place.NUMBER:
            return reverse("connection", args=[campaign.connection_id])
        case Place.TEMPLATE:
            return reverse("template", args=[campaign.template_id])
    return reverse(wizard.ROUTES[Step(warning.place.value)], args=[campaign.pk])
