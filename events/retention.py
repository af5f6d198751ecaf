"""How long the log of facts is kept."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from core.retention import BATCH, COUNTED, Forgotten, Kind
from core.retention import register as register_kind
from events.enums import DeliveryState
from events.models import Delivery, Event


def register() -> None:
    """Called once, from AppConfig.ready()."""
    register_kind(
        Kind(
            code="events",
            label=_("Event log"),
            text=_("What happened and who did it. Older lines are deleted."),
            default=None,
            least=90,
            most=None,
            order=60,
            sources=[Log()],
        )
    )


class Log:
    """Facts in the order in which they were written; what somebody still has to hear of stays."""

    name = "events.Event"

    def count(self, before: datetime) -> int:
        """See `core.retention.Source`."""
        return Event.objects.filter(occurred_at__lt=before)[:COUNTED].count()

    def forget(self, before: datetime, place: str) -> Forgotten:
        """See `core.retention.Source`. The place is of one night: what waited is asked again."""
        rows = Event.objects.filter(pk__gt=int(place)) if place else Event.objects.all()
        found = list(rows.order_by("pk").values_list("pk", "occurred_at")[:BATCH])
        old = [pk for pk, at in found if at < before]
        waiting = Delivery.objects.filter(event=OuterRef("pk"), state=DeliveryState.PENDING)
        gone = list(Event.objects.filter(~Exists(waiting), pk__in=old).values_list("pk", flat=True))
        Event.objects.filter(pk__in=gone).delete()
        is_done = len(old) < BATCH
        return Forgotten(len(gone), "" if is_done else str(old[-1]), is_done)
