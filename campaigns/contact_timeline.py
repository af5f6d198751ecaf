"""What campaigns bring to a contact's timeline: those that the person was a recipient of."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from core.ui.states import state_label, tone
from crm.models import Contact
from crm.registry import Entry, Timeline, add_timeline
from messaging import selectors as messages
from messaging.models import Message


def register() -> None:
    """Called once, from AppConfig.ready()."""
    add_timeline(Timeline(name="campaigns", permission="campaigns.view", load=_campaigns_of))


def _campaigns_of(contact: Contact, limit: int) -> Iterator[Entry]:
    """What each campaign sent or means to send to a contact, and how far it came."""
    received = Message.objects.filter(contact=contact, stream__isnull=False).order_by("-at")
    rows = list(received[:limit])
    campaigns = Campaign.objects.filter(stream__in={row.stream_id for row in rows})
    by_stream: dict[UUID | None, Campaign] = {one.stream_id: one for one in campaigns}
    for row in rows:
        campaign, state = by_stream.get(row.stream_id), messages.public_state(row)
        if campaign is None or state is None:
            continue
        yield Entry(
            at=row.at,
            icon="megaphone",
            title=_("Campaign “%(name)s”") % {"name": campaign.name},
            text=state_label(state),
            url=reverse("campaign", args=[campaign.pk]),
            tone=tone(state),
        )
