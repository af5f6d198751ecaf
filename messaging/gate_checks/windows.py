"""Free-form messages go only to people who wrote within the window."""

from collections.abc import Sequence

from connections.selectors import provider_of
from messaging.gate import Candidate, Moment, Verdicts, deny
from messaging.models import Thread


def window(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """Compares the provider's time of their last message with now, at wire time again."""
    items = [item for item in batch if item.is_free_form]
    if not items:
        return {}
    limited = {
        pk
        for pk, row in moment.connections(items).items()
        if provider_of(row).capabilities.window_hours is not None
    }
    open_places = set(
        Thread.objects.filter(
            contact_id__in={item.contact_id for item in items},
            connection_id__in=limited,
            window_until__gt=moment.now,
        ).values_list("contact_id", "connection_id")
    )
    return {
        item.id: deny("window_closed")
        for item in items
        if item.connection_id in limited
        and (item.contact_id, item.connection_id) not in open_places
    }
