"""Reads of campaigns shaped for pages, endpoints and the shell."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.variants import variants_of
from connections import selectors as connections
from connections.models import Connection
from core import cache
from core.errors import NotFound
from core.navigation import Found
from core.ui.states import tone
from messaging import reasons
from messaging import selectors as messages
from messaging.models import Message, Template
from tenants.permissions import allows

MINUTE = timedelta(minutes=1)
TELLING = timedelta(seconds=30)  # how long a run is watched before it says anything of its pace

# The parts of a campaign's total, in the order in which a bar shows them.
PARTITION = ("sent", "sending", "queued", "unknown", "failed", "skipped", "cancelled")
_COUNTED = {
    "sent": pgettext_lazy("count", "Sent"),
    "sending": pgettext_lazy("count", "Sending"),
    "queued": pgettext_lazy("count", "Queued"),
    "unknown": pgettext_lazy("count", "Unconfirmed"),
    "failed": pgettext_lazy("count", "Failed"),
    "skipped": pgettext_lazy("count", "Skipped"),
    "cancelled": pgettext_lazy("count", "Cancelled"),
}


# Why a campaign stopped without anybody's wish, and what to do.
STATE_REASONS = {
    "connection_stopped": (
        _("The provider refuses the number, so the campaign paused before burning its audience."),
        _("Open the number under Connections, do what it says, then resume."),
    ),
    "template_refused": (
        _("The provider refuses the template."),
        _("Look at it under Templates; resume when it is approved again."),
    ),
    "not_ready": (
        _("It could not start at its time: something in it no longer fits."),
        _("Open it, mend what its steps say, and start it again."),
    ),
    "nobody_to_send_to": (
        _("Nobody of the audience can get this message."),
        _("The table below says why for each contact."),
    ),
}


def campaign_list(
    *, state: str = "", q: str = "", archived: bool | None = None
) -> QuerySet[Campaign]:
    """Campaigns with what a list shows: connection, template and the counts kept on the stream.

    Args:
        archived: only those in the archive, only the others, or all (None).
    """
    rows = Campaign.objects.filter(deleted_at=None).select_related(
        "connection", "template", "stream"
    )
    if archived is not None:
        rows = rows.filter(archived_at__isnull=not archived)
    if state:
        rows = rows.filter(state=state)
    return rows.filter(name__icontains=q) if q else rows


def get_campaign(campaign_id: UUID) -> Campaign:
    """One campaign.

    Raises:
        core.errors.NotFound: there is none, or it was deleted.
    """
    campaign = campaign_list().filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFound
    return campaign


def counts(campaign: Campaign) -> dict[str, int]:
    """The recipients counted exactly, now: a partition and its parts."""
    return messages.counts(campaign.stream_id)


def kept_counts(campaign: Campaign) -> dict[str, int]:
    """The counts as of the last progress: for lists, without touching the messages."""
    kept = campaign.stream.counts
    return {name: kept.get(name, 0) for name in ("total", "delivered", "read", *PARTITION)}


def progress(campaign: Campaign, counts: dict[str, int]) -> int:
    """How far it came, in percent of the recipients; rows that wait, are on the wire or were called
    off with the campaign are not done."""
    total = counts["total"]
    left = counts["queued"] + counts["sending"]
    if campaign.state == CampaignState.CANCELLED:
        left += counts["cancelled"]
    return 100 * (total - left) // total if total else 0


def contents_named(campaign: Campaign) -> str:
    """The template that is sent, or every version with its own: `A: oferta · B: oferta_curta`."""
    versions = variants_of(campaign)
    names = Template.objects.in_bulk({one.template_id for one in versions})
    known = [(one.key, names[one.template_id].name) for one in versions if one.template_id in names]
    return " · ".join(f"{key}: {name}" if key else name for key, name in known)


def recipients(
    campaign: Campaign, *, state: str = "", code: str = "", variant: str = ""
) -> QuerySet[Message]:
    """The messages of a campaign with their contacts, by public state, reason or variant."""
    rows = Message.objects.filter(stream_id=campaign.stream_id).select_related("contact")
    if state:
        rows = rows.in_states([state])
    if variant:
        rows = rows.filter(variant=variant)
    return rows.filter(code=code) if code else rows


def bar(counts: dict[str, int]) -> list[dict[str, Any]]:
    """The partition as parts of a stacked bar: `{"name", "value", "tone", "label"}`."""
    return [
        {"name": name, "value": counts[name], "tone": tone(name), "label": _COUNTED[name]}
        for name in PARTITION
        if counts[name]
    ]


def speed(campaign: Campaign, counts: dict[str, int], now: datetime) -> dict[str, Any] | None:
    """Messages a minute over the last minute and when the rest will have left; None when idle.

    In its first minute, also after a pause: what it may send, or less where it is seen to.
    """
    if campaign.state != CampaignState.RUNNING:
        return None
    sent = Message.objects.filter(stream_id=campaign.stream_id, accepted_at__gte=now - MINUTE)
    # No index serves it, and everybody who looks on asks at every hint.
    key = cache.company_key("campaign-speed", campaign.pk)
    recent = cache.remember(key, cache.STATUS_POLLING, sent.count)
    if not recent:
        return None
    pace = recent
    age = now - campaign.updated_at  # nothing but a change of its state saves one that runs
    if age < MINUTE:
        pace = _expected_pace(campaign)
        if age >= TELLING:
            pace = min(pace, round(recent * (MINUTE / age)))
    return {"per_minute": pace, "ends_at": now + timedelta(minutes=counts["queued"] / pace)}


def _expected_pace(campaign: Campaign) -> int:
    """Messages a minute that its numbers and its own limit let through."""
    numbers: list[Connection | None] = [*campaign.connections.all()]
    known = (number for number in numbers or [campaign.connection] if number is not None)
    pace = round(60 * sum(map(connections.rate_of, known)))
    return min(pace, campaign.rate_per_minute or pace)


def tells_read(campaign: Campaign) -> bool:
    """Whether its provider says that a message was read; a draft without a number may learn it."""
    number = campaign.connection
    return number is None or connections.tells_read(number)


def reasons_of(campaign: Campaign) -> list[dict[str, Any]]:
    """Why recipients were skipped, failed or are unclear: the reason and how many, most first."""
    provider = campaign.provider
    return [
        {"reason": reasons.explain(code, provider=provider), "count": count}
        for code, count in messages.reason_counts(campaign.stream_id).items()
    ]


def state_reason(campaign: Campaign) -> reasons.Reason | None:
    """Why it paused by itself or failed."""
    if campaign.state_code in STATE_REASONS:
        return reasons.Reason(campaign.state_code, *STATE_REASONS[campaign.state_code])
    if campaign.state_code:
        return reasons.explain(campaign.state_code, provider=campaign.provider)
    return None


def is_undecided(campaign: Campaign) -> bool:
    """Whether the better variant of a running campaign is still looked for."""
    underway = campaign.state in (CampaignState.RUNNING, CampaignState.PAUSED)
    return underway and bool(campaign.winner_rule) and not campaign.winner


def recipient_row(message: Message, provider: str) -> dict[str, Any]:
    """A line of the recipients' table."""
    state = messages.public_state(message)
    reason = reasons.explain(message.code, provider=provider) if message.code else None
    return {"message": message, "contact": message.contact, "state": state, "reason": reason}


def has_started_one() -> bool:
    """Whether the first-run checklist's last step is done."""
    waiting = (CampaignState.DRAFT, CampaignState.SCHEDULED)
    return Campaign.objects.exclude(state__in=waiting).exists()


def find(text: str, limit: int) -> Iterable[Found]:
    """Campaigns for the search palette."""
    rows = campaign_list(q=text).order_by("-created_at")[:limit]
    return [
        Found(
            label=row.name,
            hint=row.get_state_display(),
            url=reverse("campaign", args=[row.pk]),
            icon="megaphone",
        )
        for row in rows
    ]


def may_listen(member: Any, key: str) -> bool:
    """Who may hear of campaigns: whoever may see them."""
    return allows(member.role, "campaigns.view")
