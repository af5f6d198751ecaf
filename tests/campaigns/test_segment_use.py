"""A campaign that has yet to look up its saved audience keeps it from being deleted."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from core.errors import Conflict
from crm.models import Tag
from crm.public_ids import SEGMENT, TAG
from crm.services import segments, tags
from tenants.models import Company
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


def test_a_tag_stays_while_an_audience_or_a_campaign_names_it() -> None:
    """Deleted, it would let through whom an exception keeps out."""
    [tag] = tags.ensure_tags(names=["Devedor"])
    audience = {"all": True, "exclude_tags": [str(tag.pk)]}
    segment = segments.create_segment(name="Em dia", audience=audience)
    campaign = a_campaign(name="Natal", audience=audience)
    with pytest.raises(Conflict) as caught:
        tags.delete_tag(tag=tag)
    assert caught.value.code == "tag_in_use"
    assert {"Natal", "Em dia"} == set(caught.value.params["uses"].split(", "))
    segments.delete_segment(segment=segment)
    Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.COMPLETED)
    tags.delete_tag(tag=tag)
    assert not Tag.objects.exists()


def test_a_program_is_told_what_uses_them(
    aurora: Company, api_client: Callable[..., APIClient]
) -> None:
    [tag] = tags.ensure_tags(names=["Devedor"])
    segment = segments.create_segment(name="Em dia", audience={"tags": [str(tag.pk)]})
    a_campaign(name="Natal", audience={"segment": str(segment.pk)})
    places = {
        f"/api/v1/tags/{TAG.encode(tag.pk)}/": "tag_in_use",
        f"/api/v1/segments/{SEGMENT.encode(segment.pk)}/": "segment_in_use",
    }
    for place, code in places.items():
        answer = api_client(aurora).delete(place)
        assert (answer.status_code, answer.json()["code"]) == (409, code)
