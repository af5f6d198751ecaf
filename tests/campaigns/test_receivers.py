"""What campaigns do about trouble below: pause with the reason, and go on when it has passed."""

import pytest
from django.utils import timezone

from campaigns import report
from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.services import lifecycle
from campaigns.services.preparation import prepare
from connections.services import states
from crm.services.consents import opt_out
from crm.services.contacts import OptIn
from events.deliveries import deliver
from messaging.enums import DispatchState, TemplateStatus
from messaging.models import Message, Stream, Template
from messaging.services import breakers
from tenants.models import Company
from tests.campaigns.factories import a_campaign, a_connection
from tests.crm.factories import a_contact


@pytest.fixture
def campaign(company: Company) -> Campaign:
    """A running campaign to two people."""
    for _ in range(2):
        a_contact(opt_in=OptIn(source="balcão"))
    campaign = a_campaign()
    lifecycle.start(campaign_id=campaign.pk, actor="system")
    prepare(campaign.pk)
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.RUNNING
    return campaign


def refuse(campaign: Campaign, code: str) -> None:
    breakers.refuse_template(
        connection=campaign.connection,
        template_id=campaign.template_id,
        code=code,
        detail="",
        stream_ids=[campaign.stream_id],
    )
    deliver("campaigns.pause_for_template")


def state(campaign: Campaign) -> tuple[str, str]:
    campaign.refresh_from_db()
    return campaign.state, campaign.state_code


@pytest.mark.parametrize(
    ("code", "reason"),
    [("132015", "template_paused"), ("132016", "template_refused"), ("132000", "template_refused")],
)
def test_a_refused_template_pauses_its_campaigns(
    campaign: Campaign, code: str, reason: str
) -> None:
    refuse(campaign, code)
    assert state(campaign) == (CampaignState.PAUSED, reason)


def test_a_template_that_one_variant_uses_pauses_them_too(campaign: Campaign) -> None:
    template_id = campaign.template_id
    other = Template.objects.get(pk=template_id)
    other.pk, other.name = None, "other"
    other.save(force_insert=True)
    Campaign.objects.update(
        template=other, variants=[{"key": "A", "template": str(template_id), "weight": 100}]
    )
    breakers.refuse_template(
        connection=campaign.connection,
        template_id=template_id,
        code="132015",
        detail="",
        stream_ids=[],
    )
    deliver("campaigns.pause_for_template")
    assert state(campaign) == (CampaignState.PAUSED, "template_paused")


def test_when_the_template_comes_back_they_go_on_one_message_first(campaign: Campaign) -> None:
    refuse(campaign, "132015")
    Template.objects.update(paused_until=timezone.now())
    breakers.try_template(campaign.template_id)
    deliver("campaigns.resume_for_template")

    assert state(campaign) == (CampaignState.RUNNING, "")
    assert Stream.objects.get().is_probing is True


def test_what_somebody_paused_stays_paused(campaign: Campaign) -> None:
    lifecycle.pause(campaign_id=campaign.pk, actor="member:1")
    refuse(campaign, "132015")
    Template.objects.update(status=TemplateStatus.APPROVED, paused_until=None)
    breakers.follow_template(campaign.template_id)
    deliver("campaigns.resume_for_template")
    assert state(campaign) == (CampaignState.PAUSED, "")


def test_too_many_failures_wait_for_somebody(campaign: Campaign) -> None:
    breakers.halt_run(stream_id=campaign.stream_id, code="too_many_failures", causes={"131026": 12})
    assert Stream.objects.get().state == "paused"
    deliver("campaigns.pause_for_trouble")
    assert state(campaign) == (CampaignState.PAUSED, "too_many_failures")

    lifecycle.resume(campaign_id=campaign.pk, actor="member:1")

    assert state(campaign) == (CampaignState.RUNNING, "")
    assert Stream.objects.get().is_probing is True


def test_after_a_pause_by_wish_nothing_has_to_go_first(campaign: Campaign) -> None:
    lifecycle.pause(campaign_id=campaign.pk, actor="member:1")
    lifecycle.resume(campaign_id=campaign.pk, actor="member:1")
    assert Stream.objects.get().is_probing is False


def test_a_stopped_number_pauses_its_campaigns(campaign: Campaign) -> None:
    states.stop(campaign.connection, "190")
    deliver("campaigns.pause_for_connection")
    assert state(campaign) == (CampaignState.PAUSED, "connection_stopped")


def test_a_stopped_number_pauses_campaigns_that_have_no_other(campaign: Campaign) -> None:
    sister = a_connection(account_id=campaign.connection.account_id)
    campaign.connections.set([campaign.connection, sister])
    states.stop(campaign.connection, "190", "")
    deliver("campaigns.pause_for_connection")
    assert state(campaign) == (CampaignState.RUNNING, "")


def test_an_opt_out_after_a_message_is_counted_in_the_report(campaign: Campaign) -> None:
    row = Message.objects.order_by("pk")[0]
    Message.objects.filter(pk=row.pk).update(dispatch=DispatchState.ACCEPTED)
    opt_out(contact=row.contact, source="keyword PARAR")
    deliver("campaigns.count_opt_out")
    stages = {stage.name: stage.count for stage in report.funnel(campaign)}
    assert (stages["sent"], stages["opted_out"]) == (1, 1)
