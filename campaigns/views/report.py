"""A campaign that has begun: how it goes, what became of everybody, one recipient's story."""

from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from campaigns import drafts, report, selectors
from campaigns.enums import ENDED, WAITING, CampaignState, NextStep
from campaigns.models import Campaign, Export
from campaigns.views import wizard
from core.keyset import page_of
from crm import audiences
from messaging.enums import PublicState
from messaging.models import Message
from messaging.rendering import examples
from messaging.rendering import render as render_template
from tenants.access import requires
from tenants.http import MemberRequest
from tenants.permissions import allows

RECIPIENT_STATES = [state for state in PublicState if state != PublicState.RECEIVED]
FILTERS = ("state", "code", "variant")
FILES_SHOWN = 5


@requires("campaigns.view")
@require_GET
def show(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- the route's word
    """A campaign's page: a draft goes on where it was left, the others tell how they go."""
    campaign = selectors.get_campaign(id)
    may_edit = allows(request.membership.role, "campaigns.manage")
    if campaign.state == CampaignState.DRAFT and may_edit:
        return redirect(wizard.first_open(campaign))
    if campaign.state in (CampaignState.DRAFT, CampaignState.SCHEDULED):
        context = {**head(request, campaign), **content(campaign)}
        return render(request, "campaigns/summary.html", context)
    context = {**head(request, campaign), **_details(campaign), **content(campaign)}
    return render(request, "campaigns/report.html", context)


@requires("campaigns.view")
@require_GET
def progress(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The state, the bar and the numbers: fetched at every hint, by everybody who looks on.

    So from the counts that the hint is about, where there are any; counting a large campaign anew
    for each reader would keep the database busy.
    """
    campaign = selectors.get_campaign(id)
    context = head(request, campaign, counts=campaign.stream.counts or None)
    return render(request, "campaigns/_progress.html", context)


@requires("campaigns.view")
@require_GET
def details(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Funnel, causes, versions, links and money: counted from the rows, so fetched less often."""
    campaign = selectors.get_campaign(id)
    return render(request, "campaigns/_details.html", _details(campaign))


@requires("campaigns.view")
@require_GET
def recipients(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The recipients by state, cause and version, a page at a time; htmx gets the table alone."""
    campaign = selectors.get_campaign(id)
    context = _recipients(request, campaign)
    if request.GET.get("cursor"):
        return render(request, "campaigns/recipients.html#rows", context)
    if request.htmx:
        return render(request, "campaigns/recipients.html#table", context)
    return render(request, "campaigns/recipients.html", {**head(request, campaign), **context})


@requires("campaigns.manage")
@require_GET
def exported(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The files that were asked for and are still there, for whoever may fetch them."""
    campaign = selectors.get_campaign(id)
    context = {"campaign": campaign, "exports": _files(campaign)}
    return render(request, "campaigns/_exports.html", context)


@requires("campaigns.view")
@require_GET
def story(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """What happened to one recipient's message, in order, for a dialog."""
    rows = Message.objects.select_related("contact", "connection", "stream__campaign")
    message = get_object_or_404(rows.filter(stream__campaign__isnull=False), pk=id)
    campaign = message.stream.campaign if message.stream else None
    provider = message.connection.provider
    context = {
        **selectors.recipient_row(message, provider),
        "campaign": campaign,
        "moments": report.timeline(message, provider=provider),
    }
    return render(request, "campaigns/_story.html", context)


def head(
    request: MemberRequest, campaign: Campaign, *, counts: dict[str, int] | None = None
) -> dict[str, Any]:
    """What the head of the page shows: state, numbers, speed, and why it stopped."""
    counts = counts or selectors.counts(campaign)
    page = urlsplit(request.htmx.current_url_abs_path or request.path).path
    is_recipients = page.endswith("/recipients/")
    return {
        "campaign": campaign,
        "counts": counts,
        "parts": selectors.bar(counts),
        "percent": selectors.progress(campaign, counts),
        "speed": selectors.speed(campaign, counts, timezone.now()),
        "state_reason": selectors.state_reason(campaign),
        "mend_url": _mend_url(campaign),
        "is_over": campaign.state in ENDED,
        "is_undecided": selectors.is_undecided(campaign),
        "is_waiting": campaign.state in WAITING,
        "is_recipients": is_recipients,
        "is_overview": not is_recipients,
    }


def content(campaign: Campaign) -> dict[str, Any]:
    """What the campaign sends and to whom, in words."""
    template = campaign.template
    values = {}
    if template is not None:
        fixed = {name: spec.get("value", "") for name, spec in campaign.variables.items()}
        values = examples(template) | {name: value for name, value in fixed.items() if value}
    return {
        "shown": render_template(template, values) if template else None,
        "sentences": audiences.describe(campaign.audience) if campaign.audience else [],
        "contents": selectors.contents_named(campaign),
        "numbers": list(campaign.connections.all()) or [campaign.connection],
        "problems": bool(drafts.problems(campaign)),
    }


def _details(campaign: Campaign) -> dict[str, Any]:
    tells_read = selectors.tells_read(campaign)
    failures = report.failures(campaign)
    is_resendable = campaign.state in (*ENDED, CampaignState.PAUSED)
    resendable = [one for one in failures if one.can_resend] if is_resendable else []
    return {
        "campaign": campaign,
        "funnel": [one for one in report.funnel(campaign) if tells_read or one.name != "read"],
        "tells_read": tells_read,
        "failures": [(one, _step_url(campaign, one)) for one in failures],
        "resendable": sum(one.count for one in resendable),
        "is_resendable": is_resendable,
        "versions": report.by_variant(campaign) if campaign.variants else [],
        "is_undecided": selectors.is_undecided(campaign),
        "links": report.links(campaign),
        "costs": report.costs(campaign),
    }


def _step_url(campaign: Campaign, failure: report.Failure) -> str:
    """Where the next step after a failure leads; empty when it is a button or there is none."""
    match failure.next_step:
        case NextStep.NUMBER if campaign.connection_id:
            return reverse("connection", args=[campaign.connection_id])
        case NextStep.TEMPLATE if campaign.template_id:
            return reverse("template", args=[campaign.template_id])
        case NextStep.BUDGET if campaign.state == CampaignState.PAUSED:
            return reverse("campaign-when", args=[campaign.pk])
    return ""


def _mend_url(campaign: Campaign) -> str:
    """Where a campaign that paused by itself is mended."""
    code = campaign.state_code
    if code.startswith(("connection", "token", "auth")) and campaign.connection_id:
        return reverse("connection", args=[campaign.connection_id])
    if code.startswith("template") and campaign.template_id:
        return reverse("template", args=[campaign.template_id])
    if code.startswith("budget"):
        return reverse("campaign-when", args=[campaign.pk])
    return f"{reverse('campaign', args=[campaign.pk])}#failures" if code else ""


def _files(campaign: Campaign) -> QuerySet[Export]:
    return Export.objects.filter(campaign=campaign, expires_at__gt=timezone.now())[:FILES_SHOWN]


def _recipients(request: MemberRequest, campaign: Campaign) -> dict[str, Any]:
    wanted = {name: request.GET.get(name, "") for name in FILTERS}
    if wanted["state"] not in RECIPIENT_STATES:
        wanted["state"] = ""
    rows = selectors.recipients(campaign, **wanted)
    page = page_of(rows, cursor=request.GET.get("cursor"), field="created_at", ascending=True)
    return {
        "campaign": campaign,
        "rows": [selectors.recipient_row(message, campaign.provider) for message in page.items],
        "next_cursor": page.next_cursor,
        "wanted": wanted,
        "query": urlencode(wanted),
        "is_filtered": any(wanted.values()),
        "states": [(state.value, state.label) for state in RECIPIENT_STATES],
        "causes": selectors.reasons_of(campaign),
        "exports": _files(campaign),
    }
