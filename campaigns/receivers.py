"""What campaigns hear from below."""

from contextlib import suppress
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from campaigns.agenda import SETTLE
from campaigns.drafts import NotReady
from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.services import lifecycle
from core import agenda, realtime, scope
from events.models import Event
from messaging.enums import TemplateStatus
from messaging.services.reactions import note_opt_out
from team.services.notifications import notify

TOPIC = "campaign"
TEMPLATE_PAUSED, TEMPLATE_REFUSED = "template_paused", "template_refused"
# Which end of a campaign is told under which kind (team.notifications).
NOTICES = {
    CampaignState.COMPLETED: "campaign.completed",
    CampaignState.PAUSED: "campaign.paused",
    CampaignState.FAILED: "campaign.failed",
    CampaignState.DRAFT: "campaign.not_started",
}
# Told only when nobody asked for it: with a code.
NOT_BY_WISH = (CampaignState.PAUSED, CampaignState.DRAFT)


def on_progress(event: Event) -> None:
    """A run was counted anew: the campaign may have ended."""
    counts = event.data["counts"]
    if counts["queued"] or counts["sending"]:
        return
    for pk in _running(stream_id=event.data["stream_id"]):
        agenda.append(SETTLE, str(pk))


def show_progress(event: Event) -> None:
    """Open reports and lists fetch the new counts."""
    rows = Campaign.objects.filter(stream_id=event.data["stream_id"])
    for pk in rows.values_list("pk", flat=True):
        _hint(str(pk), "progressed")


def show_state(event: Event) -> None:
    """Open reports and lists fetch the new state."""
    _hint(event.data["campaign_id"], "changed")


def show_click(event: Event) -> None:
    """Open reports fetch the new number."""
    _hint(event.data["campaign_id"], "progressed")


def on_opted_out(event: Event) -> None:
    """An opt-out soon after a campaign's message belongs into its report."""
    note_opt_out(
        contact_id=UUID(event.data["contact"]), channel=event.data["channel"], at=event.occurred_at
    )


def tell_the_team(event: Event) -> None:
    """A campaign ended, or stopped by itself: whoever manages campaigns should know."""
    state = CampaignState(event.data["state"])
    code = NOTICES.get(state)
    by_wish = state in NOT_BY_WISH and not event.data["code"]
    if code is None or by_wish:
        return
    notify(
        code=code,
        permission="campaigns.manage",
        data={"name": event.data["name"]},
        url=reverse("campaign", args=[event.data["campaign_id"]]),
    )


def on_connection_stopped(event: Event) -> None:
    """Nothing leaves through a stopped connection; its campaigns pause instead of burning. Those
    with several numbers go on with the others."""
    for pk in _running(connection_id=event.data["connection_id"], connections=None):
        lifecycle.pause(campaign_id=pk, actor=lifecycle.SYSTEM, code="connection_stopped")


def on_template_refused(event: Event) -> None:
    """The provider refuses the template: its running campaigns pause."""
    comes_back = event.data["status"] == TemplateStatus.PAUSED
    code = TEMPLATE_PAUSED if comes_back else TEMPLATE_REFUSED
    using = _uses(event.data["template_id"]) | Q(stream_id__in=event.data["stream_ids"])
    for pk in _running(using):
        lifecycle.pause(campaign_id=pk, actor=lifecycle.SYSTEM, code=code)


def on_template_recovered(event: Event) -> None:
    """The template may be tried again: what paused for its sake goes on, one message first. What
    needs another one besides, which is not approved yet, waits for that."""
    rows = Campaign.objects.filter(
        _uses(event.data["template_id"]),
        state=CampaignState.PAUSED,
        state_code__in=(TEMPLATE_PAUSED, TEMPLATE_REFUSED),
    )
    for pk in rows.values_list("pk", flat=True):
        with suppress(NotReady):
            lifecycle.resume(campaign_id=pk, actor=lifecycle.SYSTEM)


def on_stream_troubled(event: Event) -> None:
    """A breaker paused the run: its campaign says so and waits for somebody to look."""
    for pk in _running(stream_id=event.data["stream_id"]):
        lifecycle.pause(campaign_id=pk, actor=lifecycle.SYSTEM, code=event.data["code"])


def _uses(template_id: str) -> Q:
    """Campaigns that send this template, alone or as one of their variants."""
    return Q(template_id=template_id) | Q(variants__contains=[{"template": template_id}])


def _running(*rules: Q, **which: object) -> list[UUID]:
    rows = Campaign.objects.filter(*rules, state=CampaignState.RUNNING, **which)
    return list(rows.values_list("pk", flat=True))


def _hint(campaign_id: str, event: str) -> None:
    company_id = scope.required_company_id()
    realtime.push(company_id, f"{TOPIC}:{campaign_id}", event, campaign_id)
    realtime.push_coalesced(company_id, "campaigns", event)
