"""The kinds of due work of campaigns, by name and by what is outstanding."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from messaging.enums import OPEN_STATES
from messaging.models import Message

START = "campaigns.start"  # key: a campaign whose time comes
PREPARE = "campaigns.prepare"  # key: a campaign whose audience becomes rows
SETTLE = "campaigns.settle"  # key: a campaign that may have ended
WINNER = "campaigns.winner"  # key: a campaign whose better variant is looked for
REFRESH = "campaigns.refresh"  # key: a campaign with a winner for those who waited
EXPORT = "campaigns.export"  # key: an export that is being made, or whose file has had its day

Due = Iterable[tuple[str, datetime]]


def scheduled(key: str | None) -> Due:
    """Campaigns that wait for their time."""
    rows = _campaigns(key, CampaignState.SCHEDULED).values_list("pk", "scheduled_at")
    return [(str(pk), at) for pk, at in rows if at is not None]


def preparing(key: str | None) -> Due:
    """Campaigns whose audience is not in rows yet."""
    return _now(_campaigns(key, CampaignState.PREPARING))


def ended(key: str | None) -> Due:
    """Running campaigns without an open message."""
    still_open = Message.objects.filter(stream=OuterRef("stream"), dispatch__in=OPEN_STATES)
    return _now(_campaigns(key, CampaignState.RUNNING).filter(~Exists(still_open)))


def _campaigns(key: str | None, state: CampaignState) -> QuerySet[Campaign]:
    rows = Campaign.objects.filter(state=state, deleted_at=None)
    return rows if key is None else rows.filter(pk=key)


def _now(rows: QuerySet[Campaign]) -> Due:
    now = timezone.now()
    return [(str(pk), now) for pk in rows.values_list("pk", flat=True)]
