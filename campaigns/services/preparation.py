"""Preparing: the audience becomes rows, a thousand a transaction, the cursor beside them.

A crash repeats at most one chunk, and a repeated chunk changes nothing (messaging.outbox.plan).
"""

import time
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from campaigns import recipients
from campaigns.agenda import PREPARE
from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.services.states import locked, move
from core import agenda
from crm.models import Contact
from messaging.enums import DispatchState
from messaging.models import Message
from messaging.rendering import render
from messaging.services import outbox, streams

SLICE_SECONDS = 2.0
NOBODY = "nobody_to_send_to"
SYSTEM = "system"


def prepare(campaign_id: UUID) -> None:
    """Prepare for a slice of time; what is left is appended to the agenda again."""
    deadline = time.monotonic() + SLICE_SECONDS
    while time.monotonic() < deadline:
        if not _prepare_chunk(campaign_id):
            return
    with transaction.atomic():
        agenda.append(PREPARE, str(campaign_id))


@transaction.atomic
def _prepare_chunk(campaign_id: UUID) -> bool:
    """Plan the next chunk; False when there is nothing (more) to prepare."""
    campaign = locked(campaign_id)
    if campaign.state != CampaignState.PREPARING:
        return False
    contacts = next(recipients.chunks(campaign, after=campaign.prepare_cursor), None)
    if contacts is None:
        _finish(campaign)
        return False
    _plan(campaign, contacts)
    campaign.prepare_cursor = contacts[-1].pk
    campaign.save(update_fields=["prepare_cursor"])
    return True


def _plan(campaign: Campaign, contacts: list[Contact]) -> None:
    taken = set(
        Message.objects.filter(
            stream_id=campaign.stream_id, address__in=_addresses(campaign, contacts)
        ).values_list("address", flat=True)
    )
    judged = recipients.judge(campaign, contacts, taken=taken, now=timezone.now(), effects=True)
    outbox.plan(
        stream=campaign.stream,
        template=campaign.template,
        purpose=recipients.purpose_of(campaign),
        recipients=[_recipient(campaign, item) for item in judged],
    )


def _addresses(campaign: Campaign, contacts: list[Contact]) -> list[str]:
    known = recipients.addresses_for([contact.pk for contact in contacts], campaign.connection_id)
    return list(known.values())


def _recipient(campaign: Campaign, item: recipients.Judged) -> outbox.Recipient:
    return outbox.Recipient(
        contact_id=item.contact.pk,
        connection_id=campaign.connection_id,
        address=item.address,
        variables=item.values,
        content=render(campaign.template, item.values),
        skip_code=item.skip_code,
        inputs=item.verdict.inputs,
    )


def _finish(campaign: Campaign) -> None:
    """Everybody is in rows: let them go, or say that there is nobody."""
    now = timezone.now()
    to_send = Message.objects.filter(stream_id=campaign.stream_id, dispatch=DispatchState.PLANNED)
    streams.recount(stream_id=campaign.stream_id)
    if to_send.exists():
        move(campaign, CampaignState.RUNNING, actor=SYSTEM, prepared_at=now)
    else:
        move(
            campaign,
            CampaignState.FAILED,
            actor=SYSTEM,
            code=NOBODY,
            prepared_at=now,
            finished_at=now,
        )
