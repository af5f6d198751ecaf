"""Hours on wall clocks: days, holidays, zones that are not certain, and changes of the clock."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from messaging.hours import Clock, Hours, Window, holiday_name, is_holiday, is_zone

MON_TO_SAT = Window.of({"days": [0, 1, 2, 3, 4, 5], "from": "09:00", "to": "20:00"})
DAILY = Window.of({"from": "02:30", "to": "05:00"})
MANAUS = Clock("America/Manaus", MON_TO_SAT, "BR")
ACRE = Clock("America/Rio_Branco", MON_TO_SAT, "BR")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-11-24T15:00", "2026-11-24T15:00"),  # Tuesday 11:00 in Manaus: open
        ("2026-11-24T12:59", "2026-11-24T13:00"),  # 08:59
        ("2026-11-25T00:00", "2026-11-25T13:00"),  # 20:00: the end is not included
        ("2026-11-22T01:40", "2026-11-23T13:00"),  # Saturday 21:40: on Monday
        ("2026-12-25T15:00", "2026-12-26T13:00"),  # Christmas
        ("2027-01-01T15:00", "2027-01-02T13:00"),
    ],
)
def test_closed_hours_open_at_the_next_allowed_minute(now: str, opening: str) -> None:
    assert MANAUS.opening(at(now)) == at(opening)


def test_of_zones_that_are_not_certain_all_must_be_open() -> None:
    both = Hours((MANAUS, ACRE))
    assert both.opening(at("2026-11-24T13:30")) == at("2026-11-24T14:00")  # 09:00 in Acre
    assert both.closing(at("2026-11-24T14:00")) == at("2026-11-25T00:00")  # 20:00 in Manaus
    assert both.closed(at("2026-11-24T13:30")) == ACRE
    assert both.closed(at("2026-11-24T14:00")) is None


def test_hours_without_a_common_minute_never_open() -> None:
    morning = Window.of({"from": "09:00", "to": "10:00"})
    clocks = (Clock("Asia/Tokyo", morning), Clock("America/New_York", morning))
    assert Hours(clocks).opening(at("2026-11-24T13:30")) is None


def test_without_clocks_it_is_always_open() -> None:
    now = at("2026-11-22T03:00")
    assert Hours().opening(now) == now
    assert Hours().closing(now) is None


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        # The last Sunday of March 2026: 02:00 to 03:00 is left out in Lisbon's neighbour Madrid.
        ("2026-03-28T23:30", "2026-03-29T01:30"),  # 02:30 does not exist: 03:30 it is
        # The last Sunday of October: 02:30 comes twice, the first one counts.
        ("2026-10-24T23:30", "2026-10-25T00:30"),
        ("2026-03-30T00:00", "2026-03-30T00:30"),
    ],
)
def test_the_wall_clock_holds_when_summer_time_begins_and_ends(now: str, opening: str) -> None:
    assert Clock("Europe/Madrid", DAILY).opening(at(now)) == at(opening)


def test_an_end_at_midnight_is_the_end_of_the_day() -> None:
    evening = Clock("UTC", Window.of({"from": "20:00", "to": "00:00"}))
    assert evening.opening(at("2026-11-24T23:59")) == at("2026-11-24T23:59")
    assert evening.closing(at("2026-11-24T23:59")) == at("2026-11-25T00:00")
    assert evening.window.rule == {"days": [0, 1, 2, 3, 4, 5, 6], "from": "20:00", "to": "00:00"}


def test_holidays_are_those_of_the_country_and_are_named_in_the_readers_language() -> None:
    assert is_holiday("BR", date(2026, 11, 20))
    assert not is_holiday("PT", date(2026, 11, 20))
    assert not is_holiday("", date(2026, 12, 25))
    assert not is_holiday("ZZ", date(2026, 12, 25))
    with translation.override("pt-br"):
        assert holiday_name("BR", date(2026, 12, 25)) == "Natal"
    with translation.override("en"):
        assert holiday_name("BR", date(2026, 12, 25)) == "Christmas Day"
        assert holiday_name("BR", date(2026, 12, 24)) == ""


@pytest.mark.parametrize(
    ("name", "known"), [("America/Manaus", True), ("Moon/Crater", False), ("", False)]
)
def test_a_zone_that_iana_does_not_know_is_none(name: str, known: bool) -> None:
    assert is_zone(name) is known
