"""Hours at which messages may go out, on the wall clocks of those who get them.

A `Clock` is one zone with its window and the country whose holidays close it; `Hours` are the
clocks that must all be open (a number whose zone is not certain has several). All pure: what is
asked is `opening(at)`, the first moment from `at` on, and `closing(at)`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from django.utils.translation import get_language, to_locale

UTC = ZoneInfo("UTC")
DAY = timedelta(days=1)
ALL_DAYS = frozenset(range(7))
MIDNIGHT = 24 * 60
# Further ahead nobody waits: hours that open in no common minute within it never open.
HORIZON = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Window:
    """Days of the week (Monday is 0) and minutes of the day, `start` included, `end` not."""

    days: frozenset[int]
    start: int
    end: int

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> "Window":
        """The window that `{"days": [0], "from": "09:00", "to": "20:00"}` says; an end at
        midnight ("00:00") is the end of the day."""
        days = frozenset(rule.get("days") or ALL_DAYS)
        return cls(days, _minutes(rule["from"]), _minutes(rule["to"]) or MIDNIGHT)

    @property
    def rule(self) -> dict[str, Any]:
        """As it is stored: the opposite of `of`."""
        return {"days": sorted(self.days), "from": _clock(self.start), "to": _clock(self.end)}


@dataclass(frozen=True, slots=True)
class Clock:
    """A window in one zone; on national holidays of `country` it stays closed (empty: none)."""

    zone: str
    window: Window
    country: str = ""

    def opening(self, at: datetime) -> datetime | None:
        """The first open moment from `at` on (aware, UTC), `at` itself when open."""
        zone = ZoneInfo(self.zone)
        day = at.astimezone(zone).date()
        last = (at + HORIZON).astimezone(zone).date()
        while day <= last:
            if self._is_open_on(day):
                start, end = self._moment(day, self.window.start), self._end(day)
                if at < end:
                    return max(start, at)
            day += DAY
        return None

    def closing(self, at: datetime) -> datetime:
        """When the opening that `at` lies in ends."""
        return self._end(at.astimezone(ZoneInfo(self.zone)).date())

    def _is_open_on(self, day: date) -> bool:
        return day.weekday() in self.window.days and not is_holiday(self.country, day)

    def _end(self, day: date) -> datetime:
        if self.window.end == MIDNIGHT:
            return self._moment(day + DAY, 0)
        return self._moment(day, self.window.end)

    def _moment(self, day: date, minutes: int) -> datetime:
        """A wall-clock minute in UTC; one that a change to summer time leaves out is read with the
        time before the change, one that comes twice is the first."""
        hour, minute = divmod(minutes, 60)
        local = datetime.combine(day, time(hour, minute), tzinfo=ZoneInfo(self.zone))
        return local.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Hours:
    """Clocks that must all be open; without clocks it is always open."""

    clocks: tuple[Clock, ...] = ()

    def opening(self, at: datetime) -> datetime | None:
        """The first moment from `at` on at which all are open; None when none comes."""
        end = at + HORIZON
        moment = at
        while moment <= end:
            openings = [clock.opening(moment) for clock in self.clocks]
            if any(opening is None for opening in openings):
                return None
            latest = max((one for one in openings if one is not None), default=moment)
            if latest == moment:
                return moment
            moment = latest
        return None

    def closing(self, at: datetime) -> datetime | None:
        """When the first of them closes, for a moment at which all are open; None: never."""
        return min((clock.closing(at) for clock in self.clocks), default=None)

    def closed(self, at: datetime) -> Clock | None:
        """The clock that keeps messages back longest at this moment; None when all are open."""
        waits = {clock: clock.opening(at) or at + HORIZON for clock in self.clocks}
        late = max(waits, key=lambda clock: waits[clock], default=None)
        return late if late is not None and waits[late] > at else None


@lru_cache(maxsize=1024)
def is_zone(name: str) -> bool:
    """Whether it names a time zone of IANA's."""
    try:
        return bool(name) and bool(ZoneInfo(name).key)
    except (KeyError, ValueError, OSError):  # unknown, no name at all, a folder
        return False


def is_holiday(country: str, day: date) -> bool:
    """Whether the country (ISO 3166) has a national holiday; unknown countries have none."""
    return bool(country) and day in _holidays(country, day.year)


def holiday_name(country: str, day: date) -> str:
    """What the holiday is called, in the reader's language where it is known; empty: no holiday."""
    if not is_holiday(country, day):
        return ""
    return str(_named_holidays(country, day.year, to_locale(get_language() or "en")).get(day, ""))


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> frozenset[date]:
    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()


@lru_cache(maxsize=64)
def _named_holidays(country: str, year: int, language: str) -> dict[date, str]:
    offered = holidays.list_localized_countries().get(country, [])
    language = language if language in offered else ("en_US" if "en_US" in offered else "")
    return dict(holidays.country_holidays(country, years=year, language=language or None))


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes % MIDNIGHT, 60)
    return f"{hour:02}:{minute:02}"
