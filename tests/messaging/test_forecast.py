"""The simulated run: rate, hours and messaging limit give first, last and by hour."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.forecast import Forecast, Slot, Tier, forecast
from messaging.hours import Clock, Hours, Window

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # a Tuesday
DAY = Hours((Clock("UTC", Window.of({"from": "09:00", "to": "20:00"})),))


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def run(waiting: dict[Slot, int], **options: object) -> Forecast:
    return forecast(waiting, **{"now": NOW, "rate_per_second": 10.0, **options})  # type: ignore[arg-type]


def test_nobody_needs_no_time() -> None:
    assert run({}) == Forecast(None, None, {}, 0)


def test_the_first_leaves_now_and_the_last_as_the_rate_says() -> None:
    found = run({Slot(NOW): 1_000})
    assert (found.first_at, found.last_at) == (NOW, NOW + seconds(99.9))
    assert found.by_hour == {NOW: 1_000}


def test_a_run_slower_than_its_number_goes_at_its_own_pace() -> None:
    found = run({Slot(NOW): 61}, rate_per_minute=30)
    assert found.last_at == NOW + timedelta(minutes=2)


def test_what_does_not_fit_before_the_hours_end_goes_on_the_next_day() -> None:
    found = run({Slot(NOW, DAY): 8 * 36_000 + 100})
    assert sum(found.by_hour.values()) == 8 * 36_000 + 100
    assert found.by_hour[NOW] == 36_000
    assert found.by_hour[NOW.replace(day=25, hour=9)] == 100
    assert found.last_at == NOW.replace(day=25, hour=9) + seconds(9.9)


def test_slots_that_begin_later_wait_for_their_beginning() -> None:
    later = NOW + timedelta(hours=3)
    found = run({Slot(NOW): 10, Slot(later): 10})
    assert found.by_hour == {NOW: 10, later: 10}
    assert found.last_at == later + seconds(0.9)


def test_the_messaging_limit_spreads_a_run_over_days() -> None:
    found = run({Slot(NOW): 600}, tier=Tier(left=100, limit=250))
    days = [(hour - NOW).days for hour in found.by_hour]
    assert list(found.by_hour.values()) == [100, 250, 250]
    assert days == [0, 1, 2]


def test_messages_that_the_limit_does_not_count_pass_by() -> None:
    found = run({Slot(NOW, is_counted=False): 600, Slot(NOW): 5}, tier=Tier(left=0, limit=250))
    assert list(found.by_hour.values()) == [600, 5]
    assert found.last_at == NOW + timedelta(days=1) + seconds(0.4)


def test_what_would_come_after_its_time_is_late() -> None:
    found = run({Slot(NOW): 100}, expires_at=NOW + seconds(5))
    assert (sum(found.by_hour.values()), found.late) == (50, 50)
    assert run({Slot(NOW): 3}, expires_at=NOW) == Forecast(None, None, {}, 3)


@pytest.mark.parametrize("count", [1, 7, 12_345, 400_000])
def test_nobody_is_lost_whatever_the_hours(count: int) -> None:
    manaus = Clock("America/Manaus", Window.of({"days": [0, 3], "from": "09:00", "to": "10:30"}))
    waiting = {Slot(NOW, DAY): count, Slot(NOW, Hours((manaus, *DAY.clocks))): count}
    found = run(waiting, tier=Tier(left=10, limit=9_000))
    assert sum(found.by_hour.values()) + found.late == 2 * count
    assert list(found.by_hour) == sorted(found.by_hour)
