"""A campaign that has yet to look up its saved audience keeps it from being deleted."""

import pytest

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from core.errors import Conflict
from crm.services import segments
from tests.campaigns.factories import a_campaign

pytestmark = pytest.mark.usefixtures("company")


def test_a_saved_audience_stays_while_a_campaign_needs_it() -> None:
    segment = segments.create_segment(name="VIP", audience={"all": True})
    campaign = a_campaign(name="Natal", audience={"segment": str(segment.pk)})
    with pytest.raises(Conflict) as caught:
        segments.delete_segment(segment=segment)
    assert (caught.value.code, "Natal" in caught.value.text) == ("segment_in_use", True)
    Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.COMPLETED)
    segments.delete_segment(segment=segment)
