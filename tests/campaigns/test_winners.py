"""A sample tries the variants; the rest gets the better one, once, when the time has come."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns import agenda as kinds
from campaigns.enums import CampaignState, WinnerCode
from campaigns.models import Campaign
from campaigns.services import lifecycle, preparation, winners
from core.errors import Conflict, Invalid
from core.models import AgendaRow
from events.models import Event
from messaging.dispatch import lanes
from messaging.enums import DispatchState, Rank
from messaging.models import Message, Template
from tenants.models import Company
from tests.campaigns.factories import a_campaign, a_connection, a_template
from tests.campaigns.test_lifecycle import contacts, run

RULE = {"metric": "read", "sample_percent": 50, "after_minutes": 60}


@pytest.fixture
def templates(company: Company) -> list[Template]:
    number = a_connection()
    text = [{"type": "BODY", "text": "Oi {{nome}}!"}]
    return [a_template(number), a_template(number, components=text)]


@pytest.fixture
def campaign(templates: list[Template]) -> Campaign:
    """Begun, with thirty people: some in the sample, some waiting."""
    contacts(30)
    variables = {"nome": {"value": "gente"}}
    variants = [{"template": str(one.pk), "variables": variables} for one in templates]
    return run(a_campaign(templates[0], variants=variants, winner_rule=RULE))


def rows(**which: Any) -> Any:
    return Message.objects.filter(**which)


def sample_is_sent(ago: timedelta = timedelta(hours=2)) -> None:
    rows().exclude(variant="rest").update(
        dispatch=DispatchState.ACCEPTED, accepted_at=timezone.now() - ago
    )


def is_time() -> None:
    Campaign.objects.update(winner_due_at=timezone.now())


def test_the_sample_may_go_and_the_rest_waits_without_content(campaign: Campaign) -> None:
    waiting = rows(variant="rest")
    assert set(waiting.values_list("dispatch", flat=True)) == {DispatchState.PLANNED}
    assert all((row.content, row.due_at) == ({}, None) for row in waiting)
    tried = rows().exclude(variant="rest")
    assert set(tried.values_list("variant", flat=True)) == {"A", "B"}
    assert all(row.due_at <= timezone.now() for row in tried)
    due = AgendaRow.objects.get(kind=kinds.WINNER)
    assert due.key == str(campaign.pk)


def test_it_does_not_end_while_some_wait(campaign: Campaign) -> None:
    sample_is_sent()
    lifecycle.settle(campaign.pk)
    assert Campaign.objects.get().state == CampaignState.RUNNING


def test_the_better_variant_wins_and_goes_to_the_rest(campaign: Campaign) -> None:
    sample_is_sent()
    rows(variant="B").update(rank=Rank.READ)
    is_time()
    waited = rows(variant="rest").count()

    winners.decide(campaign.pk)
    preparation.refresh(campaign.pk)

    chosen = Campaign.objects.get()
    # Thirty people say little: the better rate is taken, and called a guess.
    assert (chosen.winner, chosen.winner_code) == ("B", WinnerCode.TOO_FEW)
    released = rows(dispatch=DispatchState.PLANNED, due_at__lte=timezone.now())
    assert released.count() == waited
    assert {(row.variant, row.content["body"]) for row in released} == {("B", "Oi gente!")}
    assert Event.objects.filter(type="campaign.winner_chosen").count() == 1


def test_equal_ones_leave_it_to_the_first(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(winners, "ENOUGH", 1)
    sample_is_sent()
    is_time()
    winners.decide(campaign.pk)
    chosen = Campaign.objects.get()
    assert (chosen.winner, chosen.winner_code) == ("A", WinnerCode.TIE)


def test_enough_people_make_it_sure(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(winners, "ENOUGH", 1)
    sample_is_sent()
    rows(variant="A").update(rank=Rank.READ)
    is_time()
    winners.decide(campaign.pk)
    chosen = Campaign.objects.get()
    assert (chosen.winner, chosen.winner_code) == ("A", WinnerCode.BETTER)


def test_nothing_is_decided_before_the_sample_had_its_time(campaign: Campaign) -> None:
    is_time()
    winners.decide(campaign.pk)  # some of the sample has not left
    later = Campaign.objects.get().winner_due_at
    assert later is not None
    assert later > timezone.now()
    sample_is_sent(ago=timedelta(minutes=10))
    is_time()
    winners.decide(campaign.pk)
    found = Campaign.objects.get()
    assert found.winner == ""
    assert found.winner_due_at is not None
    assert timedelta(minutes=49) < found.winner_due_at - timezone.now() < timedelta(minutes=51)


def test_a_person_may_decide_earlier_and_only_once(campaign: Campaign) -> None:
    winners.choose(campaign_id=campaign.pk, variant="B", actor="member:1")
    assert Campaign.objects.get().winner_code == WinnerCode.PERSON
    assert [key for key, _at in winners.waiting(None)] == [str(campaign.pk)]
    with pytest.raises(Conflict):
        winners.choose(campaign_id=campaign.pk, variant="A", actor="member:1")


def test_only_a_variant_may_win(campaign: Campaign) -> None:
    with pytest.raises(Invalid):
        winners.choose(campaign_id=campaign.pk, variant="C", actor="member:1")


def test_a_choice_while_paused_is_put_together_and_leaves_with_the_resume(
    campaign: Campaign,
) -> None:
    lifecycle.pause(campaign_id=campaign.pk, actor="system")
    winners.choose(campaign_id=campaign.pk, variant="B", actor="system")
    preparation.refresh(campaign.pk)
    assert rows(variant="rest").count() == 0
    assert lanes.due(lanes.RUNS, None) == []
    lifecycle.resume(campaign_id=campaign.pk, actor="system")
    assert rows(due_at=None).count() == 0
    assert len(lanes.due(lanes.RUNS, None)) == 1


def test_without_a_rule_no_winner_is_looked_for(company: Company) -> None:
    contacts(1)
    campaign = run(a_campaign())
    with pytest.raises(Conflict):
        winners.choose(campaign_id=campaign.pk, variant="A", actor="system")
