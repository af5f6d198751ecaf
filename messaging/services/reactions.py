"""What people do with a run's message besides answering: they open its link, or they opt out."""

from datetime import datetime, timedelta
from uuid import UUID

from connections import registry
from messaging.enums import Direction, DispatchState, Origin
from messaging.models import Message

# An opt-out so long after a run's message is its doing.
OPT_OUT_WITHIN = timedelta(days=7)


def note_click(*, message_id: UUID, at: datetime) -> bool:
    """Mark a message as clicked; False when it was before."""
    return bool(Message.objects.filter(pk=message_id, clicked_at=None).update(clicked_at=at))


def note_opt_out(*, contact_id: UUID, channel: str, at: datetime) -> UUID | None:
    """Put an opt-out down to the last run's message that the person got on that channel.

    Returns:
        The run, or None when no message of the last seven days can be the cause.
    """
    last = (
        Message.objects.filter(
            contact_id=contact_id,
            direction=Direction.OUT,
            origin=Origin.CAMPAIGN,
            dispatch=DispatchState.ACCEPTED,
            at__gte=at - OPT_OUT_WITHIN,
            at__lte=at,
            stream__isnull=False,
            connection__provider__in=[one.slug for one in registry.of_channel(channel)],
        )
        .order_by("-at")
        .first()
    )
    if last is None:
        return None
    Message.objects.filter(pk=last.pk, opted_out_at=None).update(opted_out_at=at)
    return last.stream_id
