"""What people do to a campaign: start, pause, resume, cancel; and what it does by itself."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from campaigns import drafts
from campaigns.agenda import PREPARE, START
from campaigns.enums import WAITING, CampaignState, Step
from campaigns.models import Campaign
from campaigns.services.preparation import stale_rows
from campaigns.services.states import locked, move, not_possible
from core import agenda
from messaging.services import streams

SYSTEM = "system"
NOT_READY = "not_ready"


@transaction.atomic
def start(*, campaign_id: UUID, actor: str) -> Campaign:
    """Begin now, or wait for `scheduled_at` when that is still ahead.

    Raises:
        core.errors.NotFound: no such campaign.
        core.errors.Conflict: it has begun or ended.
        campaigns.drafts.NotReady: something is missing or does not fit; `steps` says what.
    """
    campaign = locked(campaign_id)
    if campaign.state not in WAITING:  # one that is paused goes on by `resume`, and carefully
        raise not_possible(CampaignState(campaign.state))
    if found := drafts.problems(campaign):
        raise drafts.NotReady(found)
    if campaign.scheduled_at and campaign.scheduled_at > timezone.now():
        move(campaign, CampaignState.SCHEDULED, actor=actor)
        agenda.append(START, str(campaign.pk), campaign.scheduled_at)
    else:
        _prepare(campaign, actor)
    return campaign


@transaction.atomic
def start_scheduled(campaign_id: UUID) -> None:
    """Begin a campaign whose time has come; nothing when it was changed or cancelled meanwhile.

    What no longer fits by now (a template that lost its approval, a removed number) takes it back
    to draft, and the team hears of it, instead of failing for everybody.
    """
    campaign = locked(campaign_id)
    is_due = campaign.scheduled_at is not None and campaign.scheduled_at <= timezone.now()
    if campaign.state != CampaignState.SCHEDULED or not is_due:
        return
    if drafts.problems(campaign):
        move(campaign, CampaignState.DRAFT, actor=SYSTEM, code=NOT_READY)
    else:
        _prepare(campaign, SYSTEM)


@transaction.atomic
def pause(*, campaign_id: UUID, actor: str, code: str = "") -> Campaign:
    """Stop where it stands; after this returns no further wave leaves (delivery.md 2.5).

    Args:
        code: why, when the product pauses by itself (`connection_stopped`, `template_refused`).

    Raises:
        core.errors.NotFound, core.errors.Conflict.
    """
    campaign = locked(campaign_id)
    move(campaign, CampaignState.PAUSED, actor=actor, code=code)
    return campaign


@transaction.atomic
def resume(*, campaign_id: UUID, actor: str) -> Campaign:
    """Go on by the state of each row: nobody is skipped, nobody is written to twice.

    What was edited meanwhile is put together anew first. Where it stopped by itself, a single
    message goes first.

    Raises:
        core.errors.NotFound, core.errors.Conflict.
        campaigns.drafts.NotReady: what it says can no longer be sent (a template that was disabled,
            a removed number): everybody who waits would be passed over for good.
    """
    campaign = locked(campaign_id)
    if campaign.state != CampaignState.PAUSED:
        raise not_possible(CampaignState(campaign.state))
    if found := drafts.problems(campaign, [Step.MESSAGE]):
        raise drafts.NotReady(found)
    if campaign.state_code:
        streams.probe(stream_id=campaign.stream_id)
    if campaign.prepared_at is None or stale_rows(campaign).exists():
        _prepare(campaign, actor)
    else:
        move(campaign, CampaignState.RUNNING, actor=actor)
    return campaign


@transaction.atomic
def cancel(*, campaign_id: UUID, actor: str) -> Campaign:
    """End it for good; what has not left never will.

    Raises:
        core.errors.NotFound, core.errors.Conflict.
    """
    campaign = locked(campaign_id)
    move(campaign, CampaignState.CANCELLED, actor=actor, finished_at=timezone.now())
    return campaign


@transaction.atomic
def settle(campaign_id: UUID) -> None:
    """Complete a running campaign none of whose messages is open any more."""
    campaign = locked(campaign_id)
    if campaign.state != CampaignState.RUNNING:
        return
    if streams.close_if_done(stream_id=campaign.stream_id):
        move(campaign, CampaignState.COMPLETED, actor=SYSTEM, finished_at=timezone.now())


def _prepare(campaign: Campaign, actor: str) -> None:
    started_at = campaign.started_at or timezone.now()
    move(campaign, CampaignState.PREPARING, actor=actor, started_at=started_at)
    agenda.append(PREPARE, str(campaign.pk))
