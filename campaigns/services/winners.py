"""A/B with a winner: a sample tries the variants, the rest of the audience gets the better one."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.agenda import REFRESH, WINNER
from campaigns.enums import CampaignState, Metric, WinnerCode
from campaigns.events import WinnerChosen
from campaigns.models import Campaign
from campaigns.selectors import is_undecided
from campaigns.services.states import locked
from core import agenda
from core.errors import Conflict, Invalid
from events.bus import publish
from messaging.enums import REST, DispatchState, Rank
from messaging.models import Message
from messaging.services.planning import REPLANNABLE

# Fewer answers than this of a variant say nothing; the better rate is then a guess, told as one.
ENOUGH = 30
LOOK_AGAIN = timedelta(minutes=1)
SYSTEM = "system"
UNDERWAY = (CampaignState.RUNNING, CampaignState.PAUSED)
_REACHED = {
    Metric.READ: Q(rank__gte=Rank.READ),
    Metric.REPLIED: Q(replied_at__isnull=False),
    Metric.CLICKED: Q(clicked_at__isnull=False),
}


def expect(campaign: Campaign) -> None:
    """A locked campaign begins to run: put down when its winner is looked for."""
    if not campaign.winner_rule or campaign.winner:
        return
    wait = timedelta(minutes=campaign.winner_rule["after_minutes"])
    _look_at(campaign, timezone.now() + wait)


@transaction.atomic
def decide(campaign_id: UUID) -> None:
    """Take the better variant when the sample has had its time, by the rule's metric.

    The time counts from the sample's last message; while some of it still waits (quiet hours, a
    pause), the decision does too.
    """
    campaign = locked(campaign_id)
    now = timezone.now()
    if not is_undecided(campaign) or campaign.winner_due_at is None or campaign.winner_due_at > now:
        return
    ready_at = _ready_at(campaign)
    if ready_at is None or ready_at > now:
        _look_at(campaign, ready_at or now + LOOK_AGAIN)
        return
    key, code = _better(campaign)
    _take(campaign, key, code, SYSTEM)


@transaction.atomic
def choose(*, campaign_id: UUID, variant: str, actor: str) -> Campaign:
    """A person decides, before the time or instead of it.

    Raises:
        core.errors.NotFound: no such campaign.
        core.errors.Conflict: it has a winner, or none is looked for.
        core.errors.Invalid: there is no such variant.
    """
    campaign = locked(campaign_id)
    if not is_undecided(campaign):
        raise Conflict("winner_settled", _("No winner is being looked for here (any more)."))
    if variant not in [one["key"] for one in campaign.variants]:
        raise Invalid({"variant": _("There is no such variant.")})
    _take(campaign, variant, WinnerCode.PERSON, actor)
    return campaign


def due(key: str | None) -> list[tuple[str, datetime]]:
    """Campaigns whose winner is looked for, and when (the agenda's selector)."""
    rows = Campaign.objects.filter(
        state__in=UNDERWAY, winner="", winner_due_at__isnull=False, deleted_at=None
    )
    if key is not None:
        rows = rows.filter(pk=key)
    return [(str(pk), at) for pk, at in rows.values_list("pk", "winner_due_at") if at is not None]


def waiting(key: str | None) -> list[tuple[str, datetime]]:
    """Campaigns with a winner that some still wait for (the agenda's selector)."""
    rows = Campaign.objects.filter(
        state__in=UNDERWAY,
        stream__messages__variant=REST,
        stream__messages__dispatch__in=REPLANNABLE,
        deleted_at=None,
    ).exclude(winner="")
    if key is not None:
        rows = rows.filter(pk=key)
    now = timezone.now()
    return [(str(pk), now) for pk in rows.values_list("pk", flat=True).distinct()]


def _look_at(campaign: Campaign, at: datetime) -> None:
    campaign.winner_due_at = at
    campaign.save(update_fields=["winner_due_at"])
    agenda.append(WINNER, str(campaign.pk), at)


def _ready_at(campaign: Campaign) -> datetime | None:
    """When the sample has had its time; None while some of it has not left."""
    sample = Message.objects.filter(stream_id=campaign.stream_id).exclude(variant=REST)
    still_open = (*REPLANNABLE, DispatchState.SENDING)
    if sample.filter(dispatch__in=still_open).exists():
        return None
    last: datetime | None = sample.aggregate(last=Max("accepted_at"))["last"]
    wait = timedelta(minutes=campaign.winner_rule["after_minutes"])
    return last + wait if last else timezone.now()


def _better(campaign: Campaign) -> tuple[str, WinnerCode]:
    """The variant with the best share of people reached, and how sure that is; ties go to A."""
    reached = _REACHED[Metric(campaign.winner_rule["metric"])]
    accepted = Message.objects.filter(stream_id=campaign.stream_id, dispatch=DispatchState.ACCEPTED)
    keys = [one["key"] for one in campaign.variants]
    sent = {key: accepted.filter(variant=key).count() for key in keys}
    share = {key: accepted.filter(reached, variant=key).count() / max(sent[key], 1) for key in keys}
    best = max(keys, key=lambda key: share[key])  # the first of equals
    if min(sent.values()) < ENOUGH:
        return best, WinnerCode.TOO_FEW
    is_tie = sum(value == share[best] for value in share.values()) > 1
    return best, WinnerCode.TIE if is_tie else WinnerCode.BETTER


def _take(campaign: Campaign, key: str, code: WinnerCode, actor: str) -> None:
    campaign.winner, campaign.winner_code = key, code
    campaign.save(update_fields=["winner", "winner_code", "updated_at"])
    publish(WinnerChosen(campaign_id=campaign.pk, variant=key, code=code), actor=actor)
    agenda.append(REFRESH, str(campaign.pk))
