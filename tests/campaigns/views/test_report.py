"""The pages of a campaign that has begun: numbers, causes, recipients, stories, what people do."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns.enums import CampaignState
from campaigns.models import Campaign, Export
from connections.models import Connection
from core.scope import opened, surroundings
from messaging.enums import DispatchState
from messaging.models import Message, Stream
from tenants.enums import Role
from tenants.models import Company
from tests.campaigns.factories import a_campaign
from tests.campaigns.test_lifecycle import contacts, run

COUNTS = {
    "total": 100_000, "queued": 60_000, "sending": 0, "sent": 40_000, "delivered": 30_000,
    "read": 7, "replied": 1, "failed": 0, "skipped": 0, "cancelled": 0, "unknown": 0,
}  # fmt: skip


def test_every_hint_shows_the_counts_it_is_about_without_counting_anew(
    aurora: Company, client_for: Callable[..., Client]
) -> None:
    with opened(aurora):
        campaign = a_campaign()
        Stream.objects.filter(pk=campaign.stream_id).update(counts=COUNTS)
        Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.RUNNING)
    client = client_for(aurora)

    with CaptureQueriesContext(connection) as queries:
        page = client.get(f"/c/aurora/campaigns/{campaign.pk}/progress/").content.decode()

    assert 'data-count="40000"' in page
    counted = [one["sql"] for one in queries if "replied_at" in one["sql"]]
    assert counted == []


def test_a_run_that_was_never_counted_is_counted(
    aurora: Company, client_for: Callable[..., Client]
) -> None:
    with opened(aurora):
        campaign = a_campaign()
        Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.PREPARING)
        assert Stream.objects.get(pk=campaign.stream_id).counts == {}

    page = client_for(aurora).get(f"/c/aurora/campaigns/{campaign.pk}/progress/").content.decode()

    assert 'id="count-sent" data-count="0"' in page


D = DispatchState


@pytest.fixture
def visitor(aurora: Company, client_for: Callable[..., Client]) -> Client:
    return client_for(aurora)


@pytest.fixture
def campaign(aurora: Company) -> Campaign:
    """Over, for three people: one got it, one could not be tried, one is never tried again."""
    with opened(aurora), surroundings(aurora):
        contacts(3)
        campaign = run(a_campaign())
        first, second, third = Message.objects.order_by("pk")
        Message.objects.filter(pk=first.pk).update(dispatch=D.ACCEPTED, code="")
        Message.objects.filter(pk=second.pk).update(dispatch=D.REJECTED, code="attempts_exhausted")
        Message.objects.filter(pk=third.pk).update(dispatch=D.REJECTED, code="131026")
        Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.COMPLETED)
        return campaign


def url(campaign: Campaign, path: str = "") -> str:
    return f"/c/aurora/campaigns/{campaign.pk}/{path}"


def test_each_cause_is_shown_with_its_step(visitor: Client, campaign: Campaign) -> None:
    page = visitor.get(url(campaign)).content.decode()
    assert page.count('data-testid="cause"') == 2
    assert 'data-code="attempts_exhausted" data-group="failed"' in page
    assert 'data-step="resend"' in page
    assert 'data-step="contacts"' in page
    assert "resend-all" in page


def test_reading_is_left_out_where_nobody_tells_of_it(
    visitor: Client, aurora: Company, campaign: Campaign
) -> None:
    def shown() -> tuple[bool, ...]:
        page = visitor.get(url(campaign)).content.decode()
        return 'id="funnel-delivered"' in page, 'id="funnel-read"' in page

    assert shown() == (True, True)
    with opened(aurora):
        Connection.objects.update(provider="twilio_sms")
    assert shown() == (True, False)


def test_a_cancelled_one_says_how_many_got_nothing(
    visitor: Client, aurora: Company, campaign: Campaign
) -> None:
    with opened(aurora):
        Message.objects.filter(code="131026").update(dispatch=D.CANCELLED, code="cancelled")
        Campaign.objects.update(state=CampaignState.CANCELLED)
    page = visitor.get(url(campaign)).content.decode()
    assert ">66%</b> done before it was cancelled; 1 person got nothing" in page


def test_who_only_looks_on_is_offered_no_deeds(
    aurora: Company, client_for: Callable[..., Client], campaign: Campaign
) -> None:
    page = client_for(aurora, Role.VIEWER).get(url(campaign)).content.decode()
    assert 'data-code="attempts_exhausted"' in page
    assert ("resend-all" in page, url(campaign, "clone/") in page) == (False, False)


def test_sending_again_makes_a_campaign_for_those_alone(
    visitor: Client, aurora: Company, campaign: Campaign
) -> None:
    answer = visitor.post(url(campaign, "resend/"), {"code": "attempts_exhausted"})
    with opened(aurora):
        again = Campaign.objects.get(resend_of=campaign)
    assert answer["Location"] == url(again)
    assert again.audience["include"][0]["value"]["codes"] == ["attempts_exhausted"]


def test_recipients_are_narrowed_by_state_and_cause(visitor: Client, campaign: Campaign) -> None:
    def shown(query: str) -> int:
        page = visitor.get(url(campaign, f"recipients/?{query}"), headers={"HX-Request": "true"})
        return page.content.decode().count('data-testid="story"')

    queries = ("", "state=failed", "code=131026", "state=sent&code=131026", "state=nonsense")
    assert [shown(query) for query in queries] == [3, 2, 1, 0, 3]


def test_a_recipient_has_a_story_and_a_why(
    visitor: Client, aurora: Company, campaign: Campaign
) -> None:
    with opened(aurora):
        message = Message.objects.get(code="131026")
    page = visitor.get(f"/c/aurora/campaigns/stories/{message.pk}/").content.decode()
    assert 'data-kind="planned"' in page
    assert f"{message.pk}/why/" in page


def test_a_file_that_was_asked_for_is_shown_until_it_comes(
    visitor: Client, aurora: Company, campaign: Campaign
) -> None:
    values = {"format": "csv", "state": "failed"}
    asked = visitor.post(url(campaign, "exports/"), values, headers={"HX-Request": "true"})
    assert asked.status_code == 204
    with opened(aurora):
        assert Export.objects.get().filters == {"state": "failed"}
    assert 'data-state="pending"' in visitor.get(url(campaign, "exported/")).content.decode()


@pytest.mark.parametrize(
    ("code", "leads_to"),
    [
        ("connection_stopped", "/connections/"),
        ("template_paused", "/templates/"),
        ("budget_reached", "/when/"),
        ("too_many_failures", "#failures"),
    ],
)
def test_a_pause_of_its_own_says_why_and_leads_to_the_cure(
    visitor: Client, aurora: Company, campaign: Campaign, code: str, leads_to: str
) -> None:
    with opened(aurora):
        rows = Campaign.objects.filter(pk=campaign.pk)
        rows.update(state=CampaignState.PAUSED, state_code=code)
    page = visitor.get(url(campaign)).content.decode()
    banner = page.partition('data-testid="paused-by-itself"')[2].partition("</footer>")[0]
    assert leads_to in banner


def test_a_person_chooses_the_winner_before_its_time(
    visitor: Client, aurora: Company, campaign: Campaign
) -> None:
    variant = {"template": str(campaign.template_id), "variables": {}, "weight": 50}
    with opened(aurora):
        Campaign.objects.filter(pk=campaign.pk).update(
            state=CampaignState.RUNNING,
            variants=[{"key": "A", **variant}, {"key": "B", **variant}],
            winner_rule={"metric": "read", "sample_percent": 20, "after_minutes": 60},
        )
    visitor.post(url(campaign, "winner/"), {"variant": "B"})
    with opened(aurora):
        assert Campaign.objects.get(pk=campaign.pk).winner == "B"


def test_a_deed_answers_with_the_new_head(
    visitor: Client, aurora: Company, campaign: Campaign
) -> None:
    with opened(aurora):
        Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.RUNNING)
    page = visitor.post(url(campaign, "pause/"), headers={"HX-Request": "true"}).content.decode()
    assert 'data-state="paused"' in page
