"""What goes out when: the campaigns of some days, on the company's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from campaigns.enums import CampaignState
from campaigns.models import Campaign

LONGEST = 62  # days that are shown at once


@dataclass(frozen=True, slots=True)
class Day:
    """A day and the campaigns that begin (or began) on it, in order."""

    date: date
    campaigns: Sequence[Campaign]


def days(first: date, last: date) -> list[Day]:
    """Every day from `first` to `last`, both included, at most 62; campaigns by when they begin:
    `begins_at`, the scheduled time, or when they really began."""
    last = min(last, first + timedelta(days=LONGEST - 1))
    rows = (
        Campaign.objects.filter(
            Q(scheduled_at__isnull=False) | Q(started_at__isnull=False), deleted_at=None
        )
        .exclude(state=CampaignState.DRAFT)
        .annotate(begins_at=Coalesce("started_at", "scheduled_at"))
        .filter(begins_at__gte=_midnight(first), begins_at__lt=_midnight(last + timedelta(days=1)))
        .select_related("connection", "template", "stream")
        .order_by("begins_at", "pk")
    )
    by_day: dict[date, list[Campaign]] = {}
    for row in rows:
        by_day.setdefault(timezone.localtime(row.begins_at).date(), []).append(row)
    count = (last - first).days + 1
    return [
        Day(day, by_day.get(day, [])) for day in (first + timedelta(days=n) for n in range(count))
    ]


def month(day: date) -> list[Day]:
    """The days of the month around `day`, in whole weeks from Monday to Sunday."""
    first = day.replace(day=1)
    next_month = (first + timedelta(days=32)).replace(day=1)
    begin = first - timedelta(days=first.weekday())
    end = next_month + timedelta(days=(7 - next_month.weekday()) % 7 - 1)
    return days(begin, end)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
