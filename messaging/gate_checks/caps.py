"""Did this person get enough already? Counted from the ledger of messages.

Marketing is capped over days and whichever channel it took; SMS of runs and of marketing over the
last 24 hours. Messages to a person who asked something are never counted against an answer.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Q

from connections import registry
from crm.enums import Channel, Purpose
from messaging.enums import Direction, DispatchState
from messaging.gate import Candidate, Moment, Verdicts, deny
from messaging.models import Message

# What reached the person, or may have.
_WENT_OUT = (DispatchState.SENDING, DispatchState.ACCEPTED, DispatchState.UNKNOWN)


def frequency(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """Denies what would be one too many."""
    return {**_daily_sms(batch, moment), **_marketing(batch, moment)}


def _marketing(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    limit, days = moment.policy.cap_messages, moment.policy.cap_days
    items = [item for item in batch if item.purpose == Purpose.MARKETING]
    if not limit or not items:
        return {}
    since = timedelta(days=days)
    counts = _counts(items, moment, since, Q(purpose=Purpose.MARKETING))
    return {
        item.id: deny("frequency_cap", limit=limit, days=days, count=counts[item.contact_id])
        for item in items
        if counts.get(item.contact_id, 0) >= limit
    }


def _daily_sms(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    limit = moment.policy.sms_per_day
    if not limit:
        return {}
    channels = moment.channels(batch)
    items = [
        item for item in batch if channels[item.connection_id] == Channel.SMS and _is_unasked(item)
    ]
    if not items:
        return {}
    speakers = [provider.slug for provider in registry.of_channel(Channel.SMS)]
    which = Q(connection__provider__in=speakers)
    counts = _counts(items, moment, timedelta(days=1), which)
    return {
        item.id: deny("sms_cap", limit=limit, count=counts[item.contact_id])
        for item in items
        if counts.get(item.contact_id, 0) >= limit
    }


def _is_unasked(item: Candidate) -> bool:
    return item.purpose == Purpose.MARKETING or item.stream_id is not None


def _counts(
    items: Collection[Candidate], moment: Moment, period: timedelta, which: Q
) -> Mapping[UUID, int]:
    rows = (
        Message.objects.filter(
            which,
            contact__any_of={item.contact_id for item in items},
            at__gt=moment.now - period,
            direction=Direction.OUT,
            dispatch__in=_WENT_OUT,
        )
        .values_list("contact_id")
        .annotate(number=Count("pk"))
        .order_by()
    )
    return dict(rows)
