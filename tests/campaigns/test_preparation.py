"""The audience becomes rows exactly once each, and the preflight said so before."""

import pytest
from django.utils import timezone

from campaigns import recipients
from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.preflight import preflight
from campaigns.services import lifecycle, preparation
from campaigns.services.campaigns import update_campaign
from crm.models import Contact
from crm.services.contacts import create_contact
from messaging.enums import DispatchState
from messaging.gate import Memory
from messaging.models import Message, Thread
from tenants.models import Company
from tests.campaigns.factories import a_campaign, a_connection, a_template
from tests.campaigns.test_lifecycle import OPT_IN
from tests.crm.factories import a_contact


@pytest.fixture
def audience(company: Company, monkeypatch: pytest.MonkeyPatch) -> list[Contact]:
    """Seven contacts: five may be written to, one has no permission, one no phone."""
    monkeypatch.setattr(recipients, "CHUNK", 2)
    people = [a_contact(f"Ana {number}", opt_in=OPT_IN) for number in range(5)]
    return [*people, a_contact("Bia"), create_contact(name="Caio", email="caio@example.com")]


def test_values_are_frozen_for_each_contact(audience: list[Contact]) -> None:
    campaign = a_campaign(variables={"nome": {"field": "name"}})
    lifecycle.start(campaign_id=campaign.pk, actor="system")
    preparation.prepare(campaign.pk)
    message = Message.objects.get(contact=audience[0])
    assert message.variables == {"nome": "Ana 0"}
    assert message.content["body"] == "Olá Ana 0, temos uma oferta."


def test_an_empty_value_without_fallback_leaves_the_contact_out(company: Company) -> None:
    a_contact("", opt_in=OPT_IN)
    campaign = a_campaign(variables={"nome": {"field": "name"}})
    lifecycle.start(campaign_id=campaign.pk, actor="system")
    preparation.prepare(campaign.pk)
    message = Message.objects.get()
    assert (message.dispatch, message.code) == (DispatchState.SKIPPED, "variable_missing")


def test_the_preflight_counts_what_the_run_then_does(audience: list[Contact]) -> None:
    campaign = a_campaign()
    told = preflight(campaign)
    assert Message.objects.count() == 0
    lifecycle.start(campaign_id=campaign.pk, actor="system")
    preparation.prepare(campaign.pk)
    rows = Message.objects.filter(stream=campaign.stream_id)
    assert (told.total, told.sendable) == (7, 5)
    assert told.total == rows.count()
    assert told.sendable == rows.exclude(dispatch=DispatchState.SKIPPED).count()
    assert told.skipped == {"no_consent": 1, "address_missing": 1}


def test_a_crash_in_the_middle_repeats_nobody(
    audience: list[Contact], monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = a_campaign()
    lifecycle.start(campaign_id=campaign.pk, actor="system")
    assert preparation.Preparation(campaign.pk).step()

    def crash(name: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(preparation.failpoints, "reach", crash)
        with pytest.raises(KeyboardInterrupt):
            preparation.Preparation(campaign.pk).step()
    preparation.prepare(campaign.pk)
    assert Message.objects.count() == len(audience)
    assert Message.objects.values("contact_id").distinct().count() == len(audience)


def test_two_contacts_with_one_address_get_one_message(company: Company) -> None:
    first, _second = a_contact(opt_in=OPT_IN), a_contact(opt_in=OPT_IN)
    campaign = a_campaign()
    run = recipients.Run(campaign)
    _number, address = run.places([first.pk])[first.pk]
    judged = run.judge(
        run.next_chunk(None),
        seen={address},
        now=first.created_at,
        memory=Memory(),
    )
    assert [item.skip_code for item in judged] == ["duplicate", ""]
    assert judged[0].address == ""


def test_what_was_edited_while_paused_is_put_together_anew_before_it_leaves(
    company: Company,
) -> None:
    for number in range(3):
        a_contact(f"Ana {number}", opt_in=OPT_IN)
    campaign = a_campaign()
    lifecycle.start(campaign_id=campaign.pk, actor="system")
    preparation.prepare(campaign.pk)
    left = Message.objects.order_by("pk")[0]
    Message.objects.filter(pk=left.pk).update(dispatch=DispatchState.ACCEPTED)
    lifecycle.pause(campaign_id=campaign.pk, actor="system")
    update_campaign(campaign=campaign, actor="system", variables={"nome": {"value": "gente"}})

    resumed = lifecycle.resume(campaign_id=campaign.pk, actor="system")
    assert resumed.state == CampaignState.PREPARING
    preparation.prepare(campaign.pk)

    assert Campaign.objects.get().state == CampaignState.RUNNING
    said = dict(Message.objects.values_list("pk", "content__body"))
    assert said.pop(left.pk) == left.content["body"]
    assert set(said.values()) == {"Olá gente, temos uma oferta."}


def test_a_resume_without_edits_goes_on_at_once(company: Company) -> None:
    a_contact(opt_in=OPT_IN)
    campaign = a_campaign()
    lifecycle.start(campaign_id=campaign.pk, actor="system")
    preparation.prepare(campaign.pk)
    lifecycle.pause(campaign_id=campaign.pk, actor="system")
    resumed = lifecycle.resume(campaign_id=campaign.pk, actor="system")
    assert resumed.state == CampaignState.RUNNING


def test_several_numbers_share_the_work_and_people_answer_where_they_talk(
    company: Company,
) -> None:
    template = a_template(a_connection())
    sister = a_connection(account_id=template.account_id)
    people = [a_contact(opt_in=OPT_IN) for _ in range(20)]
    talking = people[0]
    campaign = a_campaign(template, connections=[sister])
    numbers = {template.connection_id, sister.pk}
    run = recipients.Run(campaign)
    usual = {pk: number for pk, (number, _) in run.places([one.pk for one in people]).items()}
    assert set(usual.values()) == numbers

    [other] = numbers - {usual[talking.pk]}
    Thread.objects.create(
        contact=talking, connection_id=other, address="+55", last_inbound_at=timezone.now()
    )
    places = run.places([one.pk for one in people])
    assert places[talking.pk][0] == other
    assert {pk: number for pk, (number, _) in places.items() if pk != talking.pk} == {
        pk: number for pk, number in usual.items() if pk != talking.pk
    }
