"""When a company is there for its customers."""

from datetime import UTC, datetime

import pytest

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
