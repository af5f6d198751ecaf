"""Silence is called by its name, and a quiet hour is not called silence."""

import math
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from webhooks.gaps import baseline
from webhooks.gaps.baseline import HOUR, WEEKS, Hours, Verdict, chance, judge

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)  # a Wednesday, 12:30 in São Paulo
START = NOW - timedelta(weeks=WEEKS + 1)


def shape(moment: datetime, busiest: float) -> float:
    """How much is usual: nothing at night, half at the weekend."""
    local = moment.astimezone(ZONE)
    if not 8 <= local.hour < 20:
        return 0.0
    return busiest * (0.5 if local.weekday() >= 5 else 1.0)


def traffic(
    seed: int, busiest: float, *, until: datetime = NOW, muted: datetime = NOW + HOUR
) -> dict[datetime, int]:
    """Nine weeks of what independent people write, in bursts of one to three."""
    chances = random.Random(seed)
    counts = {}
    hour = baseline.floor(START)
    while hour <= until:
        rate = shape(hour, busiest) * (max(0.0, min(1.0, (until - hour) / HOUR)))
        many = (
            0
            if hour >= muted
            else sum(chances.randint(1, 3) for _ in range(poisson(chances, rate)))
        )
        if many:
            counts[hour] = many
        hour += HOUR
    return counts


def poisson(chances: random.Random, rate: float) -> int:
    limit, product, count = math.exp(-rate), chances.random(), 0
    while product > limit:
        product *= chances.random()
        count += 1
    return count


def verdict(counts: Hours, now: datetime = NOW, **more: datetime) -> Verdict | None:
    since = {"known_since": START, "active_since": START, **more}
    return judge(counts, now=now, zone=ZONE, **since)


def test_chance_is_the_sum_of_the_poisson_distribution() -> None:
    assert chance(0, 20) == pytest.approx(math.exp(-20))
    assert chance(2, 3) == pytest.approx(math.exp(-3) * (1 + 3 + 4.5))
    assert chance(500, 20) == pytest.approx(1.0)
    assert chance(0, 0) == 1.0


def test_a_busy_number_is_missed_within_the_hour_and_a_quiet_one_within_two_days() -> None:
    for busiest, at_most in ((60, 1), (10, 6), (2, 48)):
        muted = NOW - at_most * HOUR
        found = verdict(traffic(1, busiest, muted=baseline.floor(muted)))
        assert found is not None
        assert (busiest, found.is_silent) == (busiest, True)
        assert found.hours <= at_most + 1
        assert (found.seen, found.expected >= baseline.LEAST_EXPECTED) == (0, True)


@pytest.mark.parametrize("seed", range(8))
def test_no_hour_of_usual_traffic_is_called_silence(seed: int) -> None:
    """Every half hour of a week, nights and weekends among them, at a busy and a quiet number."""
    for busiest in (40, 4):
        counts = traffic(seed, busiest)
        for step in range(0, 7 * 48, 5):
            now = NOW - step * HOUR / 2
            known = {hour: many for hour, many in counts.items() if hour <= now}
            known[baseline.floor(now)] = known.get(baseline.floor(now), 0) // 2
            found = verdict(known, now)
            assert found is None or not found.is_silent, (busiest, now, found)


def test_one_weeks_campaign_or_holiday_moves_nothing() -> None:
    counts = traffic(3, 10)
    week = NOW - timedelta(weeks=2)
    loud = {
        hour: many * 50 if abs(hour - week) < HOUR * 24 else many for hour, many in counts.items()
    }
    quiet = {hour: many for hour, many in counts.items() if abs(hour - week) > HOUR * 24}
    for changed in (loud, quiet):
        found = verdict(changed)
        assert found is not None
        assert not found.is_silent


def test_without_three_weeks_of_history_nothing_is_judged() -> None:
    counts = traffic(1, 60, muted=NOW - 3 * HOUR)
    assert verdict(counts, known_since=NOW - timedelta(weeks=2)) is None


def test_what_was_before_a_pause_is_not_expected_after_it() -> None:
    counts = traffic(1, 60, muted=NOW - 30 * HOUR)
    found = verdict(counts, active_since=NOW - HOUR / 4)
    assert found is None or not found.is_silent


def test_nine_oclock_stays_nine_oclock_when_summer_time_begins() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 3, 30, 7, 30, tzinfo=UTC)  # a Monday: 9:30, a day after the change
    counts = {}
    for weeks in range(1, 6):
        nine = datetime(2026, 3, 30, 9, tzinfo=berlin) - timedelta(weeks=weeks)
        counts[nine.astimezone(UTC)] = 100
    past = baseline.former(
        counts, now=now, hours=1, zone=berlin, known_since=now - timedelta(weeks=5, hours=2)
    )
    assert past == [50.0] * 5
