"""The moments that are offered for what is put off, in the company's zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MORNING = time(9)
WEEK = 7


@dataclass(frozen=True, slots=True)
class Choice:
    """A moment with the word that asks for it."""

    key: str
    label: str | Promise
    at: datetime


def choices(now: datetime) -> list[Choice]:
    """In an hour, tomorrow and on Monday morning; on Sundays the last two are the same one."""
    today = timezone.localtime(now)
    tomorrow = _morning(today, 1)
    monday = _morning(today, WEEK - today.weekday())
    found = [
        Choice("hour", _("In an hour"), now + timedelta(hours=1)),
        Choice("tomorrow", _("Tomorrow at 9:00"), tomorrow),
        Choice("monday", _("Monday at 9:00"), monday),
    ]
    return found[:-1] if monday == tomorrow else found


def moments(now: datetime) -> Mapping[str, datetime]:
    """The moment behind each word, also of one that is not offered today."""
    today = timezone.localtime(now)
    return {
        "monday": _morning(today, WEEK - today.weekday()),
        **{choice.key: choice.at for choice in choices(now)},
    }


def _morning(today: datetime, days: int) -> datetime:
    day = today.date() + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, MORNING))
