"""Free-form messages go only to people who wrote within the window."""

from collections.abc import Sequence

from connections.selectors import provider_of
from messaging.gate import Candidate, Moment, Verdicts, deny


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
    open_places = moment.open_places([item for item in items if item.connection_id in limited])
    return {
        item.id: deny("window_closed")
        for item in items
        if item.connection_id in limited
        and (item.contact_id, item.connection_id) not in open_places
    }
