"""Deliveries to endpoints in the event log: their part of an event's trace, and the box of those
that were given up (`events.traces`, `events.dead_letters`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda
from events.dead_letters import Box, Letter, add_box
from events.models import Event
from events.traces import TraceRow, add_trace
from webhooks.endpoints.agenda import SEND
from webhooks.endpoints.enums import DispatchState, EndpointState, Failure
from webhooks.endpoints.models import Dispatch

BOX = "endpoints"
_TONES = {
    DispatchState.DELIVERED: "success",
    DispatchState.DEAD: "danger",
    DispatchState.HELD: "warning",
    DispatchState.WAITING: "warning",
    DispatchState.CANCELLED: "neutral",
}


def register() -> None:
    """Called once, from AppConfig.ready()."""
    add_trace(_("Sent to endpoints"), _rows_for, order=40)
    add_box(
        Box(
            BOX,
            _("Sent to endpoints"),
            rows=_dead,
            letter=_letter,
            redrive=redrive,
            discard=discard,
            error="failure",
            at="finished_at",
            meaning=_said,
        )
    )


@transaction.atomic
def redrive(keys: Sequence[UUID]) -> None:
    """Send these once more from the first attempt; those of endpoints that are off stay."""
    rows = Dispatch.objects.filter(
        pk__in=keys, state=DispatchState.DEAD, endpoint__state=EndpointState.ACTIVE
    )
    if rows.update(
        state=DispatchState.PENDING, attempts=0, due_at=timezone.now(), finished_at=None
    ):
        agenda.append(SEND)


def discard(keys: Sequence[UUID]) -> None:
    """They are not sent any more."""
    rows = Dispatch.objects.filter(pk__in=keys, state=DispatchState.DEAD)
    rows.update(state=DispatchState.CANCELLED)


def _dead() -> QuerySet[Dispatch]:
    return Dispatch.objects.filter(
        state=DispatchState.DEAD, event__is_test=False, endpoint__deleted_at=None
    ).select_related("endpoint", "event")


def _letter(row: Dispatch) -> Letter:
    return Letter(
        key=str(row.pk),
        title=row.event.type,
        of=row.endpoint.name,
        error=_told(row),
        at=row.finished_at or row.created_at,
        attempts=row.attempts,
        url=reverse("endpoint-delivery", args=[row.pk]),
    )


def _rows_for(events: Sequence[Event]) -> Mapping[UUID, Sequence[TraceRow]]:
    """What was made of these events for endpoints; a batch that became many events has its own
    ids outside, and stands in each endpoint's log alone."""
    found: dict[UUID, list[TraceRow]] = defaultdict(list)
    rows = Dispatch.objects.filter(event__in=[event.uid for event in events])
    for row in rows.select_related("endpoint").order_by("pk"):
        state = DispatchState(row.state)
        found[row.event_id].append(
            TraceRow(
                title=row.endpoint.name,
                state=state.label,
                tone=_TONES.get(state, "info"),
                at=row.finished_at or row.created_at,
                detail=_told(row) if row.failure else "",
                url=reverse("endpoint-delivery", args=[row.pk]),
                attempts=row.attempts,
            )
        )
    return found


def _said(failure: str) -> str:
    return str(Failure(failure).label) if failure in Failure.values else failure


def _told(row: Dispatch) -> str:
    status = f" ({row.last_status})" if row.last_status else ""
    return f"{_said(row.failure)}{status}"
