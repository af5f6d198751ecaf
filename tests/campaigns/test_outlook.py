"""Warnings before sending: each with the place where it is mended, none without a cause."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.preflight import preflight
from campaigns.services.campaigns import update_campaign
from connections.models import Connection
from messaging.models import Template
from tenants.models import Company
from tests.campaigns.factories import a_campaign
from tests.campaigns.test_lifecycle import contacts


@pytest.fixture
def campaign(company: Company) -> Campaign:
    contacts(3)
    return a_campaign()


def warned(campaign: Campaign, *, now: datetime | None = None) -> list[tuple[str, str]]:
    """The warnings; those of the hour only at a given time, for tests run at night, too."""
    found = preflight(Campaign.objects.get(pk=campaign.pk), now=now).warnings
    return [(one.code, one.place.value) for one in found if now or one.code != "odd_hours"]


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("2030-03-15T15:00+00:00", []),  # a Friday's noon in São Paulo
        ("2030-03-15T03:00+00:00", [("odd_hours", "when")]),
        ("2030-03-17T15:00+00:00", [("odd_hours", "when")]),  # a Sunday
    ],
)
def test_marketing_at_night_or_on_a_sunday(
    campaign: Campaign, at: str, found: list[tuple[str, str]]
) -> None:
    Template.objects.update(category="MARKETING")
    with timezone.override("America/Sao_Paulo"):
        assert warned(campaign, now=datetime.fromisoformat(at)) == found


def test_a_healthy_campaign_is_warned_of_nothing(campaign: Campaign) -> None:
    assert warned(campaign) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"quality": "RED"}, "quality_red"),
        ({"state": "stopped"}, "connection_away"),
        ({"rate_per_second": 1, "token_expires_at": timezone.now()}, "token_ends"),
    ],
)
def test_trouble_of_the_number(campaign: Campaign, fields: dict[str, Any], code: str) -> None:
    Connection.objects.update(**fields)
    assert (code, "number") in warned(campaign)


def test_trouble_of_the_template(campaign: Campaign) -> None:
    Template.objects.update(quality="RED")
    assert warned(campaign) == [("template_quality_red", "template")]


def test_a_slow_run_that_ends_too_early(campaign: Campaign) -> None:
    update_campaign(
        campaign=campaign,
        actor="system",
        rate_per_minute=1,
        expires_at=timezone.now() + timedelta(minutes=1, seconds=30),
    )
    assert warned(campaign) == [("too_late", "when")]


def test_a_run_of_several_days(campaign: Campaign) -> None:
    opens = (timezone.localtime() + timedelta(days=3)).weekday()
    window = {"days": [timezone.localtime().weekday(), opens], "from": "00:00", "to": "00:00"}
    update_campaign(campaign=campaign, actor="system", window=window, rate_per_minute=1)
    Connection.objects.update(tier="TIER_1")
    assert ("several_days", "when") in warned(campaign)


def test_a_budget_that_does_not_reach(campaign: Campaign) -> None:
    update_campaign(campaign=campaign, actor="system", budget=Decimal("0.01"), currency="BRL")
    assert ("budget_too_small", "when") in warned(campaign)
