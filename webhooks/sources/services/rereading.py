"""A source that is understood now and was not before: the posts that nobody could use are read
again, oldest first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core import agenda
from webhooks.sources.agenda import PROCESS, REREAD
from webhooks.sources.enums import Outcome, ReceivedState
from webhooks.sources.models import Received, Source

BATCH = 500
UNUSED = (Outcome.UNMAPPED, Outcome.NOTHING)


@transaction.atomic
def start(*, source: Source) -> int:
    """Have what this source posted, and was of no use, read again; how many posts there are.

    What waits when this is called is marked by one statement for each batch, so thousands do not
    hold up the page.
    """
    count = unused(source.pk).count()
    if count:
        Source.objects.filter(pk=source.pk).update(reread_before=timezone.now())
        agenda.append(REREAD, str(source.pk))
    return count


def run(key: str) -> None:
    """The agenda's handler for `sources.reread`: a slice of one source's posts."""
    agenda.in_slices(REREAD, key, lambda: _batch(UUID(key)))


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """The sources whose posts are being read again (the agenda's selector)."""
    sources = Source.objects.exclude(reread_before=None)
    if key is not None:
        sources = sources.filter(pk=key)
    return [(str(source.pk), source.reread_before or timezone.now()) for source in sources]


def unused(source_id: UUID) -> QuerySet[Received]:
    """What a source posted and nobody could use."""
    return Received.objects.filter(
        source=source_id, state=ReceivedState.IGNORED, outcome__in=UNUSED
    )


@transaction.atomic
def _batch(source_id: UUID) -> bool:
    source = Source.objects.select_for_update().get(pk=source_id)
    if source.reread_before is None:
        return False
    rows = unused(source_id).filter(processed_at__lt=source.reread_before)
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
    Received.objects.filter(pk__in=ids).update(
        state=ReceivedState.RECEIVED, attempts=0, due_at=timezone.now()
    )
    if ids:
        agenda.append(PROCESS)
    if len(ids) < BATCH:
        Source.objects.filter(pk=source_id).update(reread_before=None)
        return False
    return True
