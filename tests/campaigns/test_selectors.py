"""How fast a campaign goes and how far it came, as its page says it."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from campaigns import selectors
from campaigns.enums import CampaignState
from campaigns.models import Campaign
from messaging.models import Message
from tenants.models import Company
from tests.campaigns.factories import a_campaign, a_connection, a_template
from tests.campaigns.test_lifecycle import contacts, run

COUNTS = {"total": 9, "queued": 6, "sending": 0, "cancelled": 0}


def running(age: int, accepted: int, **fields: object) -> tuple[Campaign, datetime]:
    """One that has run for so many seconds, with so many accepted just now; and the time."""
    contacts(accepted)
    campaign = run(a_campaign(a_template(a_connection(rate_per_second=10)), **fields))
    now = timezone.now()
    Message.objects.update(accepted_at=now)
    campaign.updated_at = now - timedelta(seconds=age)
    return campaign, now


@pytest.mark.parametrize(
    ("age", "limit", "pace"),
    [
        (2, 6, 6),  # one has left: what it may send is all that is known
        (2, None, 600),  # the number's ten a second
        (2, 5_000, 600),
        (30, 60, 6),  # three in half a minute
        (30, 4, 4),
        (300, 6, 3),
    ],
)
def test_a_young_run_is_foretold_by_what_it_may_send(
    company: Company, age: int, limit: int | None, pace: int
) -> None:
    campaign, now = running(age, 3, rate_per_minute=limit)
    told = selectors.speed(campaign, COUNTS, now)
    assert told == {"per_minute": pace, "ends_at": now + timedelta(minutes=6 / pace)}


def test_nothing_is_foretold_before_the_first_has_left(company: Company) -> None:
    campaign, now = running(2, 1)
    assert selectors.speed(campaign, COUNTS, now + timedelta(minutes=2)) is None


def test_what_was_called_off_is_not_done(company: Company) -> None:
    counts = {**COUNTS, "queued": 0, "cancelled": 7}
    percents = [
        selectors.progress(Campaign(state=state), counts)
        for state in (CampaignState.CANCELLED, CampaignState.COMPLETED)
    ]
    assert percents == [22, 100]  # of a completed one they are those whose time was over


def test_every_version_is_named_with_its_template(company: Company) -> None:
    number = a_connection()
    first, second = a_template(number, name="oferta"), a_template(number, name="oferta_curta")
    specs = {"nome": {"value": "gente"}}
    variants = [{"template": str(one.pk), "variables": specs} for one in (first, second)]
    named = [
        selectors.contents_named(campaign)
        for campaign in (
            a_campaign(first),
            a_campaign(first, variants=variants),
            a_campaign(template=None, connection=None, variables={}),
        )
    ]
    assert named == ["oferta", "A: oferta · B: oferta_curta", ""]


@pytest.mark.parametrize(("provider", "tells"), [("whatsapp_cloud", True), ("twilio_sms", False)])
def test_a_channel_without_read_receipts_says_so(
    company: Company, provider: str, tells: bool
) -> None:
    campaign = a_campaign(a_template(a_connection(provider=provider)))
    assert selectors.tells_read(campaign) is tells
