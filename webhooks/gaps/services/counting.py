"""Counting what came in, by the hour, from the rows that are there anyway: no message pays for it.

Hours are counted anew from the last one that is known, and the two before it (what waited on disk
is stored with the moment at which it came), so counting twice is counting once. A company that was
never counted begins with what its rows still know, a day at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Min, QuerySet
from django.db.models.functions import TruncHour

from webhooks import items
from webhooks.gaps.baseline import HOUR, WEEKS, floor
from webhooks.gaps.enums import Measure, Noun
from webhooks.gaps.models import HourCount
from webhooks.models import Item
from webhooks.sources.models import Received
from webhooks.sources.selectors import posted

KEPT = timedelta(weeks=WEEKS + 1)
AGAIN = 2 * HOUR
DAY = timedelta(days=1)
_MEASURES = {
    "message": Measure.MESSAGES,
    "status": Measure.STATUSES,
    items.BUNDLE: Measure.STATUSES,
}
Cell = tuple[str, UUID, str, datetime]


def count(now: datetime) -> None:
    """Bring the counts up to now, and forget those that no week is compared with any more."""
    start = _start(now)
    while start < now:
        end = min(start + DAY, now)
        _count(start, end)
        start = end
    HourCount.objects.filter(hour__lt=floor(now) - KEPT).delete()


def _start(now: datetime) -> datetime:
    known = HourCount.objects.aggregate(hour=Max("hour"))["hour"]
    if known is None:
        firsts = (
            Item.objects.aggregate(at=Min("received_at"))["at"],
            Received.objects.aggregate(at=Min("received_at"))["at"],
        )
        known = min((at for at in firsts if at), default=now) + AGAIN
    return max(floor(known) - AGAIN, floor(now) - KEPT)


@transaction.atomic
def _count(start: datetime, end: datetime) -> None:
    cells: Counter[Cell] = Counter()
    for cell, many in (*_of_connections(start, end), *_of_sources(start, end)):
        cells[cell] += many
    HourCount.objects.bulk_create(
        [
            HourCount(noun=noun, key=key, measure=measure, hour=hour, count=many)
            for (noun, key, measure, hour), many in sorted(cells.items())
        ],
        update_conflicts=True,
        unique_fields=["noun", "key", "measure", "hour"],
        update_fields=["count"],
    )


def _of_connections(start: datetime, end: datetime) -> Iterator[tuple[Cell, int]]:
    rows = Item.objects.filter(
        received_at__gte=start, received_at__lt=end, connection__isnull=False
    )
    for line in (
        rows.annotate(hour=TruncHour("received_at", tzinfo=UTC))
        .values("connection_id", "kind", "hour")
        .annotate(many=Count("pk"))
        .order_by()
    ):
        place = Noun.CONNECTION, line["connection_id"]
        yield (*place, Measure.POSTS, line["hour"]), line["many"]
        if measure := _MEASURES.get(line["kind"]):
            yield (*place, measure, line["hour"]), line["many"]


def _of_sources(start: datetime, end: datetime) -> Iterator[tuple[Cell, int]]:
    rows = posted().filter(received_at__gte=start, received_at__lt=end)
    for line in (
        rows.annotate(hour=TruncHour("received_at", tzinfo=UTC))
        .values("source_id", "hour")
        .annotate(many=Count("pk"))
        .order_by()
    ):
        yield (Noun.SOURCE, line["source_id"], Measure.POSTS, line["hour"]), line["many"]


def posts_of(noun: Noun, key: UUID, *, since: datetime) -> dict[datetime, int]:
    """What came of one number or source by the hour, from the rows: hours not counted yet."""
    hours: QuerySet[Any]
    if noun == Noun.CONNECTION:
        hours = Item.objects.filter(connection=key, received_at__gte=since)
    else:
        hours = posted().filter(source=key, received_at__gte=since)
    counted = hours.annotate(hour=TruncHour("received_at", tzinfo=UTC)).values("hour")
    return {line["hour"]: line["many"] for line in counted.annotate(many=Count("pk")).order_by()}


def kinds_of(measure: Measure) -> list[str]:
    """The kinds of received items that a measure counts; none: all of them."""
    return [kind for kind, counted in _MEASURES.items() if counted == measure]
