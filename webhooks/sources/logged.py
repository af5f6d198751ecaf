"""Posts of sources in the event log: where an event came from, and the box of posts that were given
up (`events.traces`, `events.dead_letters`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import agenda
from events import actors
from events.dead_letters import Box, Letter, add_box
from events.models import Event
from events.traces import TraceRow, add_trace
from webhooks.services.again import handle_again
from webhooks.sources.agenda import PROCESS
from webhooks.sources.enums import ReceivedState
from webhooks.sources.models import Received, Told

BOX = "sources"
_UNSHOWN = ("raw", "data", "details", "headers", "trace", "source__credentials")


def register() -> None:
    """Called once, from AppConfig.ready()."""
    add_trace(_("Where it came from"), _rows_for, order=0)
    actors.add_kind("source", lambda rests: dict.fromkeys(rests, gettext("A source")))
    add_box(
        Box(
            BOX,
            _("Posts of sources"),
            rows=_dead,
            letter=_letter,
            redrive=redrive,
            discard=discard,
            at="processed_at",
        )
    )


@transaction.atomic
def redrive(keys: Sequence[UUID]) -> None:
    """Have posts understood from the start; what they told before is not told twice."""
    handle_again(Received.objects.filter(pk__in=keys, state=ReceivedState.DEAD))
    agenda.append(PROCESS)


def discard(keys: Sequence[UUID]) -> None:
    """Leave them as not used; they can still be read again from the source's page."""
    rows = Received.objects.filter(pk__in=keys, state=ReceivedState.DEAD)
    rows.update(state=ReceivedState.IGNORED)


def _dead() -> QuerySet[Received]:
    rows = Received.objects.filter(state=ReceivedState.DEAD, source__deleted_at=None)
    return rows.select_related("source").defer(*_UNSHOWN)


def _letter(row: Received) -> Letter:
    return Letter(
        key=str(row.pk),
        title=row.kind or row.content_type,
        of=row.source.name,
        error=row.error,
        at=row.processed_at or row.received_at,
        attempts=row.attempts,
        url=reverse("source-post", args=[row.pk]),
    )


def _rows_for(events: Sequence[Event]) -> Mapping[UUID, Sequence[TraceRow]]:
    """The post that each of these events was told by."""
    found: dict[UUID, list[TraceRow]] = defaultdict(list)
    told = Told.objects.filter(event_uid__in=[event.uid for event in events])
    for one in told.select_related("received", "source").defer(
        *(f"received__{name}" for name in _UNSHOWN if "__" not in name), "source__credentials"
    ):
        found[one.event_uid].append(
            TraceRow(
                title=one.source.name,
                state=ReceivedState(one.received.state).label,
                tone="success",
                at=one.received.received_at,
                url=reverse("source-post", args=[one.received_id]),
            )
        )
    return found
