"""The step "when": a sentence beside the control that is wrong, and what is stored."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from campaigns.forms import when as forms
from core.forms import MOMENT
from tenants.models import Company
from tests.campaigns.factories import a_campaign

PLAIN = {"when": "now", "hours": "company"}


def form(**data: Any) -> forms.WhenForm:
    return forms.WhenForm({**PLAIN, **data})


def test_nothing_chosen_means_now_and_without_limits() -> None:
    given = form()
    assert given.is_valid()
    assert given.fields_of_draft == {
        "scheduled_at": None,
        "window": {},
        "local_time": False,
        "rate_per_minute": None,
        "expires_at": None,
        "budget": None,
        "currency": "",
    }


def test_hours_of_its_own_and_limits() -> None:
    given = form(
        hours="own", days=["5", "0"], hours_from="09:00", hours_to="18:30", local_time="on",
        rate_per_minute="40", budget="50.00", currency="BRL",
    )  # fmt: skip
    assert given.is_valid()
    stored = given.fields_of_draft
    assert stored["window"] == {"days": [0, 5], "from": "09:00", "to": "18:30"}
    assert (stored["local_time"], stored["rate_per_minute"]) == (True, 40)
    assert (stored["budget"], stored["currency"]) == (Decimal("50.00"), "BRL")


def test_later_needs_a_moment_ahead() -> None:
    assert set(form(when="later").errors) == {"scheduled_at"}
    passed = (timezone.localtime() - timedelta(hours=1)).strftime(MOMENT)
    assert set(form(when="later", scheduled_at=passed).errors) == {"scheduled_at"}
    ahead = (timezone.localtime() + timedelta(days=1)).strftime(MOMENT)
    assert form(when="later", scheduled_at=ahead).is_valid()


def test_hours_need_days_and_an_end_behind_the_beginning() -> None:
    assert set(form(hours="own").errors) == {"days", "hours_from", "hours_to"}
    backwards = form(hours="own", days=["0"], hours_from="20:00", hours_to="09:00")
    assert set(backwards.errors) == {"hours_to"}


def test_a_draft_is_shown_as_it_is_stored(company: Company) -> None:
    moment = timezone.now() + timedelta(days=1)
    window = {"days": [0], "from": "10:00", "to": "12:00"}
    campaign = a_campaign(scheduled_at=moment, window=window, rate_per_minute=7)
    shown = forms.initial_of(campaign)
    assert (shown["when"], shown["scheduled_at"], shown["hours"]) == ("later", moment, "own")
    assert (shown["days"], f"{shown['hours_to']:%H:%M}") == (["0"], "12:00")
    assert shown["rate_per_minute"] == 7
