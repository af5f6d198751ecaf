"""What else happened about the same order or contact, in whatever order it was told.

Sources tell things twice and out of order: “paid” may come before “created”. So whoever waits for
an event looks at the log, not at what arrives while it waits. About the same order is what names
it, unless another source says it of somebody else (two shops both have an order 1001); where one of
the two names no order, the contact ties them, from when the run began to listen.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from core.ids import first_uuid7
from events.identifiers import speaking_of
from events.models import Event
from webhooks.automations.happening import Happening
from webhooks.sources.events import SourceFact

HORIZON = timedelta(days=30)  # of an order, before what began with it


def types_about(
    happening: Happening, contact_id: UUID | None, *, now: datetime
) -> dict[str, datetime]:
    """What sources told about the same: types, each with when it last was."""
    wanted = source_types()
    rows = [
        *_of_order(happening, contact_id, now)
        .filter(type__in=wanted)
        .values_list("type", "occurred_at"),
        *_of_contact(happening, contact_id, wanted, since=happening.at).values_list(
            "type", "occurred_at"
        ),
    ]
    return dict(sorted(rows, key=lambda row: row[1]))


def came(
    happening: Happening,
    contact_id: UUID | None,
    types: Collection[str],
    *,
    since: datetime,
    now: datetime,
) -> Event | None:
    """An event of these types about the same; None if there is none so far.

    Args:
        since: what the contact did before does not count; what was told about the order does.
    """
    of_order = _of_order(happening, contact_id, now).filter(type__in=types)
    found = of_order.order_by("sequence").first() if happening.order_id else None
    return found or _of_contact(happening, contact_id, types, since=since).first()


def source_types() -> list[str]:
    """The vocabulary of what shops and forms tell."""
    return [fact.type for fact in SourceFact.__subclasses__()]


def _of_order(happening: Happening, contact_id: UUID | None, now: datetime) -> QuerySet[Event]:
    if not happening.order_id:
        return Event.objects.none()
    since = first_uuid7(min(happening.at, now) - HORIZON)
    rows = speaking_of(Event.objects.all(), happening.order_id)
    rows = rows.filter(data__order_id=happening.order_id, uid__gte=since)
    if contact_id is not None:
        # Within one source the order decides: who pays may be somebody else than who ordered.
        rows = rows.filter(
            Q(data__source_id=happening.data.get("source_id"))
            | Q(data__contact_id=str(contact_id))
            | Q(data__contact_id=None)
        )
    return rows.exclude(uid=happening.uid)


def _of_contact(
    happening: Happening, contact_id: UUID | None, types: Collection[str], *, since: datetime
) -> QuerySet[Event]:
    if contact_id is None:
        return Event.objects.none()
    whose = Q(data__contact_id=str(contact_id)) | Q(data__contact=str(contact_id))
    rows = speaking_of(Event.objects.all(), str(contact_id))
    rows = rows.filter(whose, type__in=types, occurred_at__gte=since)
    if happening.order_id:  # another order of the same person is another matter
        rows = rows.filter(Q(data__order_id="") | ~Q(data__has_key="order_id"))
    return rows.exclude(uid=happening.uid).order_by("sequence")
