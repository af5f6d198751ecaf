"""When a company is there for its customers."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, sampled_from

from conversations.opening import Opening, read_slots, write_slots

WEEK = {str(day): [("08:00", "12:00"), ("13:30", "18:00")] for day in range(5)}
SAO_PAULO = "America/Sao_Paulo"  # three hours behind UTC


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-23T10:59", False),  # 07:59 on a Monday
        ("2026-11-23T11:00", True),
        ("2026-11-23T14:59", True),
        ("2026-11-23T15:00", False),  # noon
        ("2026-11-23T16:30", True),
        ("2026-11-23T21:00", False),
        ("2026-11-22T14:00", False),  # a Sunday
        ("2026-12-25T14:00", False),  # Christmas, a Friday
        ("2026-11-24T14:00", False),  # a day of its own
    ],
)
def test_it_is_open_in_its_slots_on_its_own_clock(moment: str, expected: bool) -> None:
    opening = Opening(SAO_PAULO, WEEK, "BR", frozenset({"2026-11-24"}))
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert opening.is_open(at) is expected


def test_holidays_of_no_country_close_nothing() -> None:
    assert Opening(SAO_PAULO, WEEK).is_open(datetime(2026, 12, 25, 14, tzinfo=UTC))


def test_a_day_may_last_to_its_end() -> None:
    opening = Opening("UTC", {"0": read_slots("20:00-24:00")})
    assert opening.is_open(datetime(2026, 11, 23, 23, 59, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ""),
        ("8-12, 13:30-18", "08:00-12:00, 13:30-18:00"),
        ("13h-18h,8h30-12h", "08:30-12:00, 13:00-18:00"),
        ("08:00 \N{EN DASH} 24:00", "08:00-24:00"),
        ("08:00-12:00,12:00-18:00", "08:00-12:00, 12:00-18:00"),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, kept: str) -> None:
    assert write_slots(read_slots(text)) == kept


@pytest.mark.parametrize(
    "text", ["all day", "8", "12-8", "8-8", "25-26", "08:70-09:00", "8-12, 11-13", "8-12-14"]
)
def test_what_is_no_hour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_slots(text)


NIGHT = {"0": read_slots("22-24:00"), "1": read_slots("0-6, 22-24:00"), "2": read_slots("0-6")}


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-11-23T08:00", 15, "2026-11-23T08:15"),  # a Monday, on the company's own clock
        ("2026-11-23T07:00", 15, "2026-11-23T08:15"),  # before it opens
        ("2026-11-23T11:50", 15, "2026-11-23T13:35"),  # over lunch
        ("2026-11-23T11:45", 15, "2026-11-23T12:00"),  # the last minute before lunch still counts
        ("2026-11-23T17:50", 30, "2026-11-25T08:20"),  # over a closed Tuesday
        ("2026-11-27T17:30", 60, "2026-11-30T08:30"),  # over the weekend
        ("2026-12-24T17:00", 120, "2026-12-28T09:00"),  # over Christmas and a weekend
        ("2026-11-25T08:00", 510 + 10, "2026-11-26T08:10"),  # a whole day has 510 minutes
    ],
)
def test_a_promise_counts_open_minutes_alone(start: str, minutes: int, due: str) -> None:
    opening = Opening(SAO_PAULO, WEEK, "BR", frozenset({"2026-11-24"}))
    began, expected = local(start), local(due)
    assert opening.after(began, timedelta(minutes=minutes)) == expected
    assert opening.open_time(began, expected) == timedelta(minutes=minutes)


def test_a_slot_that_goes_past_midnight_is_one_stretch() -> None:
    opening = Opening(SAO_PAULO, NIGHT)
    began = local("2026-11-23T23:30")
    assert opening.after(began, timedelta(hours=1)) == local("2026-11-24T00:30")
    assert opening.after(began, timedelta(hours=8)) == local("2026-11-24T23:30")


@pytest.mark.parametrize("slots", [{}, {"0": []}])
def test_a_company_without_hours_counts_around_the_clock(slots: dict[str, list[str]]) -> None:
    opening = Opening(SAO_PAULO, slots, "BR")
    began = local("2026-12-24T23:30")
    assert opening.after(began, timedelta(hours=1)) == local("2026-12-25T00:30")
    assert opening.open_time(began, local("2026-12-25T23:30")) == timedelta(days=1)


@given(
    hours=integers(0, 2 * 365 * 24),
    minutes=integers(1, 7 * 24 * 60),
    zone=sampled_from([SAO_PAULO, "America/Manaus", "America/Noronha", "Europe/Lisbon"]),
    slots=sampled_from([WEEK, NIGHT, {}]),
)
@settings(max_examples=60, deadline=None)
def test_what_is_due_is_as_far_away_as_was_promised(
    hours: int, minutes: int, zone: str, slots: Any
) -> None:
    opening = Opening(zone, slots, "BR")
    began = datetime(2026, 1, 1, 0, 20, tzinfo=UTC) + timedelta(hours=hours)
    due = opening.after(began, timedelta(minutes=minutes))
    assert opening.open_time(began, due) == timedelta(minutes=minutes)
    assert opening.open_time(began, due - timedelta(seconds=1)) < timedelta(minutes=minutes)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(SAO_PAULO))
