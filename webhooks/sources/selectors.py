"""Reads of sources and of what they posted, shaped for pages and the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from webhooks.sources import paths
from webhooks.sources.enums import Outcome, ReceivedState, SourceState
from webhooks.sources.models import Received, Source, Told
from webhooks.sources.presets import preset
from webhooks.sources.presets.base import Preset

RECENTLY = timedelta(days=1)
MOST_ROWS = 200
MOST_SAMPLES = 20
MOST_LEAVES = 300  # that are looked at for a value


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source with its last day, for tables.

    Attributes:
        received, failed, unused: posts of the last 24 hours: all, given up, of no use.
        health: "off", "failing", "unmapped", "working" or "silent" (nothing yet).
    """

    source: Source
    preset: Preset
    received: int
    failed: int
    unused: int

    @property
    def health(self) -> str:
        if self.source.state != SourceState.ACTIVE:
            return "off"
        if self.failed:
            return "failing"
        if self.received and self.unused == self.received:
            return "unmapped"
        return "working" if self.source.last_received_at else "silent"


def sources() -> QuerySet[Source]:
    """All that are not deleted, newest first, without what is secret."""
    return (
        Source.objects.filter(deleted_at=None).defer("credentials").order_by("-created_at", "-pk")
    )


def source(source_id: UUID) -> Source | None:
    """One source that is not deleted."""
    return sources().filter(pk=source_id).first()


def source_rows(*, now: datetime | None = None) -> list[SourceRow]:
    """Every source with its counts of the last day, in two queries whatever their number."""
    since = (now or timezone.now()) - RECENTLY
    counts: dict[UUID, Mapping[str, Any]] = {
        line["source"]: line
        for line in posted()
        .filter(received_at__gte=since)
        .values("source")
        .annotate(
            received=Count("pk"),
            failed=Count("pk", filter=Q(state=ReceivedState.DEAD)),
            unused=Count("pk", filter=Q(state=ReceivedState.IGNORED, outcome__in=_UNUSED)),
        )
        .order_by()
    }
    return [_row(one, counts.get(one.pk, {})) for one in sources()[:MOST_ROWS]]


def source_row(one: Source) -> SourceRow:
    """The same for one source."""
    since = timezone.now() - RECENTLY
    counted = (
        posted()
        .filter(source=one, received_at__gte=since)
        .aggregate(
            received=Count("pk"),
            failed=Count("pk", filter=Q(state=ReceivedState.DEAD)),
            unused=Count("pk", filter=Q(state=ReceivedState.IGNORED, outcome__in=_UNUSED)),
        )
    )
    return _row(one, counted)


def address(one: Source) -> str:
    """Where the source posts to, as the system is told it."""
    return f"{settings.PLATFORM_URL}/webhooks/in/{one.token}/"


def posted() -> QuerySet[Received]:
    """What systems posted; samples that somebody pasted to map by are none of it."""
    return Received.objects.exclude(outcome=Outcome.SAMPLE)


def received(one: Source | None = None, *, state: str = "") -> QuerySet[Received]:
    """Posts with their source, without the bytes; of one source and state if given."""
    rows = Received.objects.select_related("source").defer(
        "raw", "data", "details", "trace", "source__credentials"
    )
    if one is not None:
        rows = rows.filter(source=one)
    return rows.filter(state=state) if state in ReceivedState.values else rows


def received_post(received_id: UUID) -> Received | None:
    """One post with everything."""
    rows = Received.objects.select_related("source").defer("source__credentials")
    return rows.filter(pk=received_id).first()


def told_by(post: Received) -> QuerySet[Told]:
    """The events that a post became, with whom they are about."""
    return Told.objects.filter(received=post).select_related("contact").order_by("position")


def samples_of(one: Source) -> QuerySet[Received]:
    """The newest posts that have data, to map by; what they say is not read."""
    return _with_data(one).defer("raw", "data", "details", "trace")[:MOST_SAMPLES]


def sample_of(one: Source, wanted: UUID | None = None) -> Received | None:
    """The post of this id if the source has it, else the newest that says anything.

    A text that came as a form is data, too: one field without a value, which maps to nothing.
    """
    rows = _with_data(one).defer("raw")
    chosen = rows.filter(pk=wanted).first() if wanted else None
    if chosen is not None:
        return chosen
    newest = list(rows[:MOST_SAMPLES])
    return next((row for row in newest if _says_something(row.data)), next(iter(newest), None))


def recent_data(one: Source) -> list[Any]:
    """What the newest posts say: what the system calls things."""
    return list(_with_data(one).values_list("data", flat=True)[:MOST_SAMPLES])


def _with_data(one: Source) -> QuerySet[Received]:
    rows = Received.objects.filter(source=one, data__isnull=False)
    return rows.order_by("-received_at", "-pk")


def _says_something(data: Any) -> bool:
    leaves = paths.leaves(data, most=MOST_LEAVES)
    return any(steps and value not in (None, "") for steps, value in leaves)


def _row(one: Source, counts: Mapping[str, Any]) -> SourceRow:
    return SourceRow(
        source=one,
        preset=preset(one.preset),
        received=counts.get("received", 0),
        failed=counts.get("failed", 0),
        unused=counts.get("unused", 0),
    )


_UNUSED = ("unmapped", "nothing")
