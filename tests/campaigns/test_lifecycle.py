"""A campaign's states: only what follows, its stream with it, and its end decided by the rows."""

from datetime import timedelta
from itertools import product

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import agenda as kinds
from campaigns.drafts import NotReady
from campaigns.enums import TRANSITIONS, CampaignState, Step
from campaigns.models import Campaign
from campaigns.services import lifecycle
from campaigns.services.campaigns import archive, unarchive
from campaigns.services.preparation import prepare
from campaigns.services.states import locked, move
from core.errors import Conflict
from core.models import AgendaRow
from crm.services.contacts import OptIn, create_contact
from events import bus
from events.deliveries import deliver
from messaging.agenda import RECOUNT
from messaging.dispatch.sweep import sweep
from messaging.enums import DispatchState, StreamState, TemplateStatus
from messaging.events import TemplateRecovered
from messaging.models import Message, Stream, Template
from messaging.services import streams
from team.models import Notification
from tenants.models import Company, Person
from tests.campaigns.factories import a_campaign, a_connection, a_template
from tests.crm.factories import a_contact
from tests.messaging import factories

OPT_IN = OptIn(source="balcão")


def contacts(count: int) -> None:
    factories.contacts(count, name="Ana Souza")


def run(campaign: Campaign) -> Campaign:
    lifecycle.start(campaign_id=campaign.pk, actor="system")
    prepare(campaign.pk)
    return Campaign.objects.select_related("stream").get(pk=campaign.pk)


def end_rows(state: str = DispatchState.ACCEPTED) -> None:
    Message.objects.filter(dispatch__in=["planned", "queued"]).update(dispatch=state)


@pytest.mark.parametrize(("former", "state"), product(CampaignState, CampaignState))
def test_only_the_transitions_of_the_table_are_possible(
    company: Company, former: CampaignState, state: CampaignState
) -> None:
    campaign = a_campaign()
    Campaign.objects.filter(pk=campaign.pk).update(state=former)
    row = locked(campaign.pk)
    if state in TRANSITIONS[former]:
        move(row, state, actor="system")
        assert Campaign.objects.get(pk=campaign.pk).state == state
    else:
        with pytest.raises(Conflict):
            move(row, state, actor="system")


def test_starting_prepares_and_then_runs(company: Company) -> None:
    contacts(3)
    campaign = run(a_campaign())
    assert (campaign.state, campaign.stream.state) == (
        CampaignState.RUNNING,
        StreamState.RUNNING,
    )
    assert campaign.prepared_at is not None
    assert Message.objects.filter(stream=campaign.stream).count() == 3


def test_a_campaign_for_later_waits_and_then_begins_once(company: Company) -> None:
    contacts(1)
    at = timezone.now() + timedelta(hours=2)
    campaign = a_campaign(scheduled_at=at)
    lifecycle.start(campaign_id=campaign.pk, actor="system")
    assert Campaign.objects.get().state == CampaignState.SCHEDULED
    assert AgendaRow.objects.get(kind=kinds.START).due_at == at
    lifecycle.start_scheduled(campaign.pk)
    assert Campaign.objects.get().state == CampaignState.SCHEDULED
    Campaign.objects.update(scheduled_at=timezone.now() - timedelta(seconds=1))
    lifecycle.start_scheduled(campaign.pk)
    lifecycle.start_scheduled(campaign.pk)
    assert Campaign.objects.get().state == CampaignState.PREPARING


def test_pause_and_resume_bump_the_epoch_and_keep_the_rows(company: Company) -> None:
    contacts(2)
    campaign = run(a_campaign())
    epoch = campaign.stream.epoch
    lifecycle.pause(campaign_id=campaign.pk, actor="member:1")
    assert Stream.objects.get().state == StreamState.PAUSED
    lifecycle.resume(campaign_id=campaign.pk, actor="member:1")
    stream = Stream.objects.get()
    assert (stream.state, stream.epoch) == (StreamState.RUNNING, epoch + 2)
    assert Message.objects.count() == 2


def test_what_is_paused_is_not_started_but_resumed(company: Company) -> None:
    contacts(1)
    campaign = run(a_campaign())
    lifecycle.pause(campaign_id=campaign.pk, actor="system", code="template_refused")
    with pytest.raises(Conflict):
        lifecycle.start(campaign_id=campaign.pk, actor="member:1")
    campaign.refresh_from_db()
    assert (campaign.state, campaign.state_code) == (CampaignState.PAUSED, "template_refused")


def test_a_campaign_paused_while_preparing_goes_on_preparing(company: Company) -> None:
    contacts(1)
    campaign = a_campaign()
    lifecycle.start(campaign_id=campaign.pk, actor="system")
    lifecycle.pause(campaign_id=campaign.pk, actor="system")
    prepare(campaign.pk)
    assert Message.objects.count() == 0
    lifecycle.resume(campaign_id=campaign.pk, actor="system")
    prepare(campaign.pk)
    assert (Campaign.objects.get().state, Message.objects.count()) == (CampaignState.RUNNING, 1)


def test_it_completes_only_when_no_row_is_open(company: Company) -> None:
    contacts(2)
    campaign = run(a_campaign())
    lifecycle.settle(campaign.pk)
    assert Campaign.objects.get().state == CampaignState.RUNNING
    end_rows(DispatchState.UNKNOWN)
    lifecycle.settle(campaign.pk)
    assert Campaign.objects.get().state == CampaignState.RUNNING
    Message.objects.update(dispatch=DispatchState.ACCEPTED)
    lifecycle.settle(campaign.pk)
    campaign = Campaign.objects.get()
    assert campaign.state == CampaignState.COMPLETED
    assert campaign.finished_at is not None


def test_a_message_that_nobody_confirms_does_not_keep_it_open(company: Company) -> None:
    contacts(2)
    campaign = run(a_campaign())
    Message.objects.update(dispatch=DispatchState.UNKNOWN, due_at=timezone.now())
    streams.recount(stream_id=campaign.stream_id)
    AgendaRow.objects.all().delete()

    sweep("")
    streams.recount(stream_id=campaign.stream_id)

    assert AgendaRow.objects.filter(kind=kinds.SETTLE, key=str(campaign.pk)).exists()
    lifecycle.settle(campaign.pk)
    assert Campaign.objects.get(pk=campaign.pk).state == CampaignState.COMPLETED


def test_it_completes_when_its_last_rows_ended_while_it_was_paused(company: Company) -> None:
    contacts(2)
    campaign = run(a_campaign())
    lifecycle.pause(campaign_id=campaign.pk, actor="system")
    end_rows()
    streams.recount(stream_id=campaign.stream_id)
    AgendaRow.objects.all().delete()

    lifecycle.resume(campaign_id=campaign.pk, actor="system")

    counted = AgendaRow.objects.filter(kind=RECOUNT).values_list("key", flat=True)
    assert list(counted) == [str(campaign.stream_id)]
    streams.recount(stream_id=campaign.stream_id)
    assert AgendaRow.objects.filter(kind=kinds.SETTLE, key=str(campaign.pk)).exists()


def test_a_cancelled_campaign_never_comes_back(company: Company) -> None:
    contacts(2)
    campaign = run(a_campaign())
    lifecycle.cancel(campaign_id=campaign.pk, actor="member:1")
    assert Stream.objects.get().state == StreamState.CLOSED
    with pytest.raises(Conflict):
        lifecycle.resume(campaign_id=campaign.pk, actor="member:1")


def test_nobody_to_send_to_is_a_failure_with_its_reason(company: Company) -> None:
    create_contact(name="Sem telefone", email="sem@example.com")
    a_contact("Sem permissão")
    campaign = run(a_campaign())
    assert (campaign.state, campaign.state_code) == (CampaignState.FAILED, "nobody_to_send_to")
    codes = sorted(Message.objects.values_list("code", flat=True))
    assert codes == ["address_missing", "no_consent"]


def test_the_team_hears_of_ends_and_of_pauses_that_nobody_asked_for(
    company: Company, owner: Person
) -> None:
    contacts(1)
    campaign = run(a_campaign())
    lifecycle.pause(campaign_id=campaign.pk, actor="member:1")
    lifecycle.resume(campaign_id=campaign.pk, actor="member:1")
    lifecycle.pause(campaign_id=campaign.pk, actor="system", code="connection_stopped")
    lifecycle.resume(campaign_id=campaign.pk, actor="member:1")
    end_rows()
    lifecycle.settle(campaign.pk)
    deliver("campaigns.tell_the_team")
    told = Notification.objects.order_by("created_at").values_list("code", "data", "url")
    path = reverse("campaign", args=[campaign.pk])
    assert list(told) == [
        ("campaign.paused", {"name": "Black Friday"}, path),
        ("campaign.completed", {"name": "Black Friday"}, path),
    ]


def test_a_campaign_that_no_longer_fits_at_its_time_goes_back_and_says_so(
    company: Company, owner: Person
) -> None:
    contacts(1)
    campaign = a_campaign(scheduled_at=timezone.now() + timedelta(hours=1))
    lifecycle.start(campaign_id=campaign.pk, actor="system")
    Template.objects.update(status=TemplateStatus.PAUSED)
    Campaign.objects.update(scheduled_at=timezone.now())
    lifecycle.start_scheduled(campaign.pk)
    found = Campaign.objects.get()
    assert (found.state, found.state_code) == (CampaignState.DRAFT, "not_ready")
    deliver("campaigns.tell_the_team")
    assert Notification.objects.get().code == "campaign.not_started"


def test_nobody_starts_a_scheduled_one_that_no_longer_fits_either(company: Company) -> None:
    contacts(1)
    campaign = a_campaign(scheduled_at=timezone.now() + timedelta(hours=1))
    lifecycle.start(campaign_id=campaign.pk, actor="member:1")
    Template.objects.update(status=TemplateStatus.PAUSED)
    Campaign.objects.update(scheduled_at=timezone.now())
    with pytest.raises(NotReady) as caught:
        lifecycle.start(campaign_id=campaign.pk, actor="member:1")
    assert {*caught.value.steps} == {Step.MESSAGE}
    assert Campaign.objects.get().state == CampaignState.SCHEDULED


@pytest.mark.parametrize("status", [TemplateStatus.DISABLED, TemplateStatus.PAUSED])
def test_what_would_skip_everybody_is_not_resumed(company: Company, status: str) -> None:
    contacts(2)
    campaign = run(a_campaign())
    lifecycle.pause(campaign_id=campaign.pk, actor="system", code="template_refused")
    Template.objects.update(status=status)
    with pytest.raises(NotReady) as caught:
        lifecycle.resume(campaign_id=campaign.pk, actor="member:1")
    assert {*caught.value.errors} == {"template"}
    Template.objects.update(status=TemplateStatus.APPROVED)
    assert lifecycle.resume(campaign_id=campaign.pk, actor="member:1").state == "running"


def test_one_of_two_templates_is_not_enough_to_go_on(company: Company) -> None:
    contacts(2)
    number = a_connection()
    templates = [a_template(number), a_template(number)]
    variables = {"nome": {"value": "gente"}}
    variants = [{"template": str(one.pk), "variables": variables} for one in templates]
    campaign = run(a_campaign(templates[0], variants=variants))
    lifecycle.pause(campaign_id=campaign.pk, actor="system", code="template_refused")
    Template.objects.filter(pk=templates[1].pk).update(status=TemplateStatus.PAUSED)
    for template, state in zip(templates, ("paused", "running"), strict=True):
        Template.objects.filter(pk=template.pk).update(status=TemplateStatus.APPROVED)
        bus.publish(TemplateRecovered(template_id=template.pk))
        deliver("campaigns.resume_for_template")
        assert Campaign.objects.get().state == state


def test_only_what_is_over_goes_into_the_archive(company: Company) -> None:
    contacts(1)
    campaign = run(a_campaign())
    with pytest.raises(Conflict):
        archive(campaign=campaign)
    lifecycle.cancel(campaign_id=campaign.pk, actor="system")
    assert archive(campaign=campaign).archived_at is not None
    assert unarchive(campaign=campaign).archived_at is None
