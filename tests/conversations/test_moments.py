"""The moments that are offered, in the company's zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from conversations.moments import choices, moments

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


@pytest.mark.parametrize(
    ("now", "offered"),
    [
        # A Saturday: tomorrow is Sunday.
        (datetime(2026, 11, 21, 15, 30, tzinfo=SAO_PAULO), ["21 16:30", "22 09:00", "23 09:00"]),
        # A Sunday: tomorrow is Monday, which is not offered twice.
        (datetime(2026, 11, 22, 8, 0, tzinfo=SAO_PAULO), ["22 09:00", "23 09:00"]),
        # A Monday early: the next one, a week from now.
        (datetime(2026, 11, 23, 8, 0, tzinfo=SAO_PAULO), ["23 09:00", "24 09:00", "30 09:00"]),
    ],
)
def test_an_hour_tomorrow_and_monday(now: datetime, offered: list[str]) -> None:
    with timezone.override(SAO_PAULO):
        found = choices(now)
        told = [timezone.localtime(choice.at).strftime("%d %H:%M") for choice in found]
    assert told == offered


def test_tomorrow_is_the_companys_not_greenwichs() -> None:
    night = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # Monday, 22:00 in São Paulo
    with timezone.override(SAO_PAULO):
        at = moments(night)["tomorrow"]
    assert at == datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_a_word_that_is_not_offered_today_still_has_its_moment() -> None:
    sunday = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    with timezone.override(SAO_PAULO):
        found = moments(sunday)
    assert found["monday"] == found["tomorrow"]
