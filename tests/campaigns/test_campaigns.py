"""Drafts: what is refused before anything leaves, and what may still be changed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.enums import CampaignState
from campaigns.services import campaigns, lifecycle
from core.errors import Conflict, Invalid
from crm.services.tags import create_tag
from events.models import Event
from messaging.enums import StreamState, TemplateStatus
from tenants.models import Company
from tests.campaigns.factories import a_campaign, a_connection, a_template


def test_a_draft_holds_its_stream_and_is_logged(company: Company) -> None:
    campaign = a_campaign()
    assert (campaign.state, campaign.stream.state) == (CampaignState.DRAFT, StreamState.HELD)
    event = Event.objects.get(type="campaign.created")
    assert event.data == {"campaign_id": str(campaign.pk), "name": "Black Friday"}


def test_every_fault_is_named_with_its_field(company: Company) -> None:
    template = a_template(a_connection(), status=TemplateStatus.PAUSED)
    with pytest.raises(Invalid) as caught:
        a_campaign(template, name=" ", variables={"other": {"value": "x"}}, audience={"tags": []})
    assert set(caught.value.errors) == {
        "name",
        "template",
        "variables.nome",
        "variables.other",
        "audience",
    }


def test_a_template_of_another_account_is_refused(company: Company) -> None:
    template = a_template(a_connection())
    with pytest.raises(Invalid) as caught:
        a_campaign(template, connection=a_connection())
    assert list(caught.value.errors) == ["template"]


@pytest.mark.parametrize(
    "source", [{"value": " "}, {"field": "password"}, {"field": "attribute:"}, {}]
)
def test_a_variable_needs_a_text_or_a_field_that_exists(
    company: Company, source: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as caught:
        a_campaign(variables={"nome": source})
    assert list(caught.value.errors) == ["variables.nome"]


def test_tags_are_kept_by_id_however_they_were_named(company: Company) -> None:
    tag = create_tag(name="VIP")
    campaign = a_campaign(audience={"tags": ["vip"]})
    assert campaign.audience == {"tags": [str(tag.pk)]}


def test_changing_a_scheduled_campaign_takes_it_back_to_draft(company: Company) -> None:
    campaign = a_campaign(scheduled_at=timezone.now() + timedelta(hours=1))
    lifecycle.start(campaign_id=campaign.pk, actor="system")
    changed = campaigns.update_campaign(campaign=campaign, actor="system", name="Natal")
    assert (changed.state, changed.name) == (CampaignState.DRAFT, "Natal")


def test_what_has_begun_is_neither_changed_nor_deleted(company: Company) -> None:
    campaign = a_campaign()
    lifecycle.start(campaign_id=campaign.pk, actor="system")
    with pytest.raises(Conflict):
        campaigns.update_campaign(campaign=campaign, actor="system", name="Natal")
    with pytest.raises(Conflict):
        campaigns.delete_campaign(campaign=campaign)
