"""The one door through which a campaign changes its state.

The stream's state changes in the same transaction, so whatever a worker holds stops at the wire
(delivery.md 2.2, 2.5).
"""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from campaigns.enums import TRANSITIONS, CampaignState
from campaigns.events import CampaignStateChanged
from campaigns.models import Campaign
from core.errors import Conflict, NotFound
from events.bus import publish
from messaging.services import streams

# What happens to the run of messages. A completed one was closed by streams.close_if_done().
STREAM_VERBS = {
    CampaignState.DRAFT: streams.hold,
    CampaignState.SCHEDULED: streams.hold,
    CampaignState.PREPARING: streams.hold,
    CampaignState.RUNNING: streams.run,
    CampaignState.PAUSED: streams.pause,
    CampaignState.CANCELLED: streams.cancel,
    CampaignState.FAILED: streams.cancel,
}


def locked(campaign_id: UUID) -> Campaign:
    """The campaign with its row locked until the transaction ends.

    Raises:
        core.errors.NotFound: there is none, or it was deleted.
    """
    campaign = (
        Campaign.objects.select_for_update(of=("self",))
        .select_related("stream", "template", "connection")
        .filter(pk=campaign_id, deleted_at=None)
        .first()
    )
    if campaign is None:
        raise NotFound
    return campaign


def set_pace(campaign: Campaign) -> None:
    """Hand the campaign's rules to its run: window, pace, end and the content's version."""
    rules = {"window": campaign.window, "local_time": campaign.local_time}
    streams.configure(
        stream_id=campaign.stream_id,
        rules=rules if campaign.window else {},
        rate_per_minute=campaign.rate_per_minute,
        expires_at=campaign.expires_at,
        content_version=campaign.content_version,
    )


def not_possible(state: CampaignState) -> Conflict:
    """What is asked of a campaign in this state does not follow from it."""
    return Conflict(
        "campaign_state",
        _("This campaign is %(state)s; that is not possible now. Reload the page."),
        params={"state": str(state.label).lower()},
    )


def move(
    campaign: Campaign,
    state: CampaignState,
    *,
    actor: str,
    code: str = "",
    **changes: object,
) -> None:
    """Change a locked campaign's state, its stream's with it, and say so.

    Args:
        code: why, when it was not somebody's wish (`connection_stopped`, `nobody_to_send_to`).
        changes: other fields that change with the state (`finished_at`).

    Raises:
        core.errors.Conflict: the state does not follow from the present one.
    """
    former = CampaignState(campaign.state)
    if state not in TRANSITIONS[former]:
        raise not_possible(former)
    with transaction.atomic():
        for name, value in {**changes, "state": state, "state_code": code}.items():
            setattr(campaign, name, value)
        campaign.save(update_fields=["state", "state_code", "updated_at", *changes])
        if state in STREAM_VERBS:
            STREAM_VERBS[state](stream_id=campaign.stream_id)
        publish(
            CampaignStateChanged(
                campaign_id=campaign.pk,
                name=campaign.name,
                former=former,
                state=state,
                code=code,
            ),
            actor=actor,
        )
