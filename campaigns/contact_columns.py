"""What the list of contacts can say of campaigns."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from crm.listing.columns import Column, Values, add_column
from crm.models import Contact
from messaging.models import Message


def register() -> None:
    """Called once, from AppConfig.ready()."""
    add_column(
        Column(
            "last_campaign", _("Last campaign"), "text", last_campaigns, permission="campaigns.view"
        )
    )


def last_campaigns(_request: HttpRequest, contacts: Sequence[Contact]) -> Values:
    """The name of the campaign that each contact was last a recipient of."""
    mine = Message.objects.filter(contact=OuterRef("pk"), stream__isnull=False).order_by("-at")
    rows = Contact.objects.filter(pk__in=[contact.pk for contact in contacts])
    streams = dict(rows.values_list("pk", Subquery(mine.values("stream")[:1])))
    named = Campaign.objects.filter(stream__in=filter(None, streams.values()))
    names = dict(named.values_list("stream_id", "name"))
    return {pk: names.get(stream, "") for pk, stream in streams.items()}
