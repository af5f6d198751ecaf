"""How much should have come in, and whether so little is chance: plain numbers in, a verdict out.

**Expected.** People write by the hour of the week: much on Monday morning, nothing at night. So a
stretch of time is compared with the same stretch one, two … eight weeks ago, and the median of
those sums is what was to be expected. A median, because one week with a campaign or one with a
holiday should not move it; sums over the stretch, because a number with three messages a day has a
median of zero in every single hour, and of twenty in a week.

**Chance.** If independent people write at a rate that gives λ in a stretch, the number that comes
is Poisson distributed: P(X ≤ k) = e^-λ · Σ λ^i / i!. With λ = 20, nothing at all has a probability
of 2·10^-9. Real traffic comes in bursts (one campaign, many answers), so its spread is wider than
Poisson's; therefore three things must hold before it is called silence:

1. at least `LEAST_EXPECTED` were to be expected,
2. so few have a probability below `TINY`,
3. they are less than half of what the quietest of those weeks had.

Several stretches are tried, the shortest first: a busy number is missed within the hour, a quiet
one within two days, and the night, in which nothing was to be expected, is never held against it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

WEEKS = 8
LEAST_WEEKS = 3
LEAST_EXPECTED = 20.0
TINY = 1e-7
NORMAL = 0.01
STRETCHES = (1, 3, 6, 12, 24, 48)  # hours
HOUR = timedelta(hours=1)

Hours = Mapping[datetime, int]  # the first moment of an hour in UTC → how many


@dataclass(frozen=True, slots=True)
class Verdict:
    """A stretch that ended now: what came, and what was to be expected."""

    hours: int
    since: datetime
    seen: int
    expected: float
    is_silent: bool


def floor(moment: datetime) -> datetime:
    """The first moment of its hour."""
    return moment.replace(minute=0, second=0, microsecond=0)


def judge(
    counts: Hours, *, now: datetime, zone: ZoneInfo, known_since: datetime, active_since: datetime
) -> Verdict | None:
    """The shortest stretch that is silent; else the longest that could be judged, or None where
    there is no history to judge by.

    Args:
        counts: of the last nine weeks.
        zone: whose clock the weeks go by, so that nine o'clock stays nine in summer.
        known_since: the first hour in which anything was ever counted.
        active_since: stretches that begin before it are not judged.
    """
    found = None
    for hours in STRETCHES:
        since = floor(now) - (hours - 1) * HOUR
        if since < active_since:
            break
        past = former(counts, now=now, hours=hours, zone=zone, known_since=known_since)
        if len(past) < LEAST_WEEKS:
            break
        seen = _sum(counts, since, hours, share=1.0)
        found = _verdict(hours, since, round(seen), past)
        if found.is_silent:
            return found
    return found


def former(
    counts: Hours, *, now: datetime, hours: int, zone: ZoneInfo, known_since: datetime
) -> list[float]:
    """What the same stretch of the weeks before had, as far as they are known; of the hour that is
    not over as much as has passed of it."""
    share = (now - floor(now)) / HOUR
    sums = []
    for weeks in range(1, WEEKS + 1):
        then = floor(_weeks_before(now, weeks, zone))
        since = then - (hours - 1) * HOUR
        if since < known_since:
            break
        sums.append(_sum(counts, since, hours, share=share))
    return sums


def usual(counts: Hours, *, hour: datetime, zone: ZoneInfo, known_since: datetime) -> float | None:
    """What an hour had in the weeks before, by the median; None without enough of them."""
    end = hour + HOUR - timedelta(microseconds=1)
    past = former(counts, now=end, hours=1, zone=zone, known_since=known_since)
    return median(past) if len(past) >= LEAST_WEEKS else None


def chance(seen: int, expected: float) -> float:
    """P(X ≤ seen) of a Poisson distribution with this mean."""
    if expected <= 0:
        return 1.0
    term = total = math.exp(-expected)
    for step in range(1, seen + 1):
        term *= expected / step
        total += term
        if term < total * 1e-17 and step > expected:
            break
    return min(1.0, total)


def _verdict(hours: int, since: datetime, seen: int, past: Sequence[float]) -> Verdict:
    expected = median(past)
    is_silent = (
        expected >= LEAST_EXPECTED
        and seen < expected  # far above, the sum below would take its time
        and 2 * seen < min(past)
        and chance(seen, expected) < TINY
    )
    return Verdict(hours, since, seen, expected, is_silent)


def _sum(counts: Hours, since: datetime, hours: int, *, share: float) -> float:
    whole = sum(counts.get(since + step * HOUR, 0) for step in range(hours - 1))
    return whole + counts.get(since + (hours - 1) * HOUR, 0) * share


def _weeks_before(moment: datetime, weeks: int, zone: ZoneInfo) -> datetime:
    """The same time of day on the company's clock, weeks ago."""
    local = moment.astimezone(zone)
    return (local - timedelta(weeks=weeks)).astimezone(moment.tzinfo)
