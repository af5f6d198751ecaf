"""Reads of the gap detector for pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Min

from events.selectors import Trouble, incidents_of
from tenants.models import Company
from webhooks.gaps import baseline
from webhooks.gaps.agenda import EVERY_SECONDS
from webhooks.gaps.baseline import HOUR
from webhooks.gaps.enums import Measure, Noun
from webhooks.gaps.models import HourCount
from webhooks.gaps.services.counting import posts_of
from webhooks.gaps.services.looking import INCIDENTS, load

SHOWN = 48
UNCOUNTED = timedelta(seconds=2 * EVERY_SECONDS)
WIDTH, HEIGHT = 960, 100


@dataclass(frozen=True, slots=True)
class Bar:
    """An hour: what came, beside what was usual, and where it stands in a drawing of 960 by 100."""

    hour: datetime
    seen: int
    expected: float | None
    x: int
    height: int

    @property
    def top(self) -> int:
        return HEIGHT - self.height


@dataclass(frozen=True, slots=True)
class Pulse:
    """Two days of a number or a source.

    Attributes:
        line: points of the usual, for a polyline; empty where nothing is known yet.
        is_learning: there are no three weeks to compare with yet.
    """

    bars: list[Bar]
    line: str
    seen: int
    expected: float
    is_learning: bool
    troubles: list[Trouble]


def pulse(*, noun: Noun, key: UUID, company: Company, now: datetime) -> Pulse:
    """What came in by the hour, and what was usual."""
    counts = dict(load(now).get((noun, key, Measure.POSTS), {}))
    # The hour is counted every five minutes; whoever looks at the page sees what just came.
    counts |= posts_of(noun, key, since=baseline.floor(now - UNCOUNTED))
    zone = ZoneInfo(company.timezone)
    rows = HourCount.objects.filter(noun=noun, key=key)
    first = rows.aggregate(first=Min("hour"))["first"]
    hours = [baseline.floor(now) - step * HOUR for step in reversed(range(SHOWN))]
    usual = [
        baseline.usual(counts, hour=hour, zone=zone, known_since=first) if first else None
        for hour in hours
    ]
    seen = [counts.get(hour, 0) for hour in hours]
    highest = max([*seen, *(value for value in usual if value), 1])
    step = WIDTH // SHOWN
    bars = [
        Bar(hour, many, expected, place * step, round(HEIGHT * many / highest))
        for place, (hour, many, expected) in enumerate(zip(hours, seen, usual, strict=True))
    ]
    points = [
        f"{bar.x + step // 2},{HEIGHT - round(HEIGHT * bar.expected / highest)}"
        for bar in bars
        if bar.expected is not None
    ]
    known = [value for value in usual if value is not None]
    troubles = [
        one
        for one in incidents_of(f"{noun}:{key}")
        if one.incident.closed_at is None and one.kind.code in INCIDENTS.values()
    ]
    return Pulse(bars, " ".join(points), sum(seen), sum(known), not known, troubles)
