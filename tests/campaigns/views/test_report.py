"""The report of a campaign that is under way."""

from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from core.scope import opened
from messaging.models import Stream
from tenants.models import Company
from tests.campaigns.factories import a_campaign

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
