"""Inbox settings and business hours by the API."""

from typing import Any

import pytest

from tenants.models import Company

SETTINGS = "/api/v1/inbox-settings/"
HOURS = "/api/v1/business-hours/"


@pytest.fixture
def program(aurora: Company, api_client: Any) -> Any:
    return api_client(aurora, "inbox.manage", "business_hours.manage")


def test_who_sees_what_is_read_and_changed(program: Any) -> None:
    before = program.get(SETTINGS).json()
    assert (before["agents_see"], before["viewers_see"]) == ("all", "all")
    changed = program.patch(SETTINGS, {"agents_see": "teams"}, format="json")
    assert changed.json() == {**before, "agents_see": "teams"}
    assert program.patch(SETTINGS, {"agents_see": "some"}, format="json").status_code == 422


def test_business_hours_change_a_field_at_a_time(program: Any) -> None:
    week = {"0": "08:00-12:00, 13:00-18:00", "4": "09:00-17:00"}
    program.patch(HOURS, {"hours": week, "country": "BR"}, format="json")
    answer = program.patch(
        HOURS,
        {"is_on": True, "away_text": "Voltamos cedo.", "closed_days": ["2026-12-24"]},
        format="json",
    )
    assert answer.json() == {
        "is_on": True,
        "hours": week,
        "country": "BR",
        "closed_days": ["2026-12-24"],
        "away_text": "Voltamos cedo.",
    }
    assert program.get(HOURS).json() == answer.json()


@pytest.mark.parametrize(
    "wrong",
    [{"hours": {"7": "08:00-12:00"}}, {"hours": {"0": "noon"}}, {"country": "XX"}, {"is_on": True}],
)
def test_hours_that_say_nothing_are_refused(program: Any, wrong: dict[str, Any]) -> None:
    answer = program.patch(HOURS, wrong, format="json")
    assert answer.status_code == 422, answer.json()
    assert program.get(HOURS).json()["hours"] == {}
