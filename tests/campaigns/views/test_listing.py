"""The list, its archive and its menu; the calendar."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from core import scope
from tenants.models import Company
from tests.campaigns.factories import a_campaign

LIST = "/c/aurora/campaigns/"


@pytest.fixture
def visitor(aurora: Company, client_for: Callable[..., Client]) -> Client:
    return client_for(aurora)


@pytest.fixture
def campaign(aurora: Company) -> Campaign:
    with scope.opened(aurora), scope.surroundings(aurora):
        return a_campaign(name="Black Friday")


def become(aurora: Company, campaign: Campaign, **fields: object) -> None:
    with scope.opened(aurora):
        Campaign.objects.filter(pk=campaign.pk).update(**fields)


def test_a_copy_is_a_draft_at_its_first_step(
    visitor: Client, aurora: Company, campaign: Campaign
) -> None:
    answer = visitor.post(f"{LIST}{campaign.pk}/clone/")
    with scope.opened(aurora):
        copy = Campaign.objects.get(cloned_from=campaign)
    assert answer["Location"] == f"{LIST}{copy.pk}/audience/"


def test_the_archive_is_a_view_of_its_own(
    visitor: Client, aurora: Company, campaign: Campaign
) -> None:
    become(aurora, campaign, state=CampaignState.COMPLETED)
    visitor.post(f"{LIST}{campaign.pk}/archive/")
    assert "Black Friday" not in visitor.get(LIST).content.decode()
    assert "Black Friday" in visitor.get(f"{LIST}?state=archived").content.decode()
    visitor.post(f"{LIST}{campaign.pk}/unarchive/")
    assert "Black Friday" in visitor.get(LIST).content.decode()


def test_the_menu_offers_what_its_state_allows(
    visitor: Client, aurora: Company, campaign: Campaign
) -> None:
    offered = {}
    for state in (CampaignState.DRAFT, CampaignState.RUNNING, CampaignState.COMPLETED):
        become(aurora, campaign, state=state)
        page = visitor.get(LIST).content.decode()
        offered[state] = [
            verb for verb in ("clone", "archive", "delete") if f"{campaign.pk}/{verb}/" in page
        ]
    assert offered == {
        CampaignState.DRAFT: ["clone", "delete"],
        CampaignState.RUNNING: ["clone"],
        CampaignState.COMPLETED: ["clone", "archive"],
    }


def test_the_calendar_shows_the_month_that_is_asked_for(
    visitor: Client, aurora: Company, campaign: Campaign
) -> None:
    at = datetime(2027, 3, 10, 13, tzinfo=UTC)  # 10:00 in São Paulo
    become(aurora, campaign, state=CampaignState.SCHEDULED, scheduled_at=at)
    march = visitor.get(f"{LIST}calendar/?month=2027-03").content.decode()
    assert ("Black Friday" in march, "<small>10:00</small>" in march) == (True, True)
    assert "?month=2027-02" in march
    assert "?month=2027-04" in march
    assert "Black Friday" not in visitor.get(f"{LIST}calendar/?month=2027-05").content.decode()


def test_a_month_that_is_none_is_this_one(visitor: Client) -> None:
    pages = [
        visitor.get(f"{LIST}calendar/{query}").content.decode().partition('class="calendar"')[2]
        for query in ("", "?month=nonsense")
    ]
    assert pages[0] == pages[1] != ""
