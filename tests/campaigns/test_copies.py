"""Clones are drafts of their own; another try goes to those alone who provably got nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import report
from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.services import copies, lifecycle, preparation
from connections.models import Connection
from core.errors import Conflict
from crm import audiences
from messaging.enums import DispatchState
from messaging.models import Message
from tenants.models import Company
from tests.campaigns.factories import a_campaign
from tests.campaigns.test_lifecycle import contacts, run

# What each recipient met: dispatch, code.
FATES = [
    (DispatchState.ACCEPTED, ""),
    (DispatchState.REJECTED, "131026"),  # cannot be delivered: another try changes nothing
    (DispatchState.REJECTED, "attempts_exhausted"),
    (DispatchState.REJECTED, "attempts_exhausted"),
    (DispatchState.UNKNOWN, "no_answer"),
    (DispatchState.EXPIRED, "expired"),
    (DispatchState.SKIPPED, "opted_out"),
]


@pytest.fixture
def ended(company: Company) -> Campaign:
    """A campaign over which all of that came."""
    contacts(len(FATES))
    run(a_campaign())
    rows = Message.objects.order_by("pk").values_list("pk", flat=True)
    for pk, (dispatch, code) in zip(rows, FATES, strict=True):
        Message.objects.filter(pk=pk).update(dispatch=dispatch, code=code)
    Campaign.objects.update(state=CampaignState.COMPLETED)
    return Campaign.objects.get()


def test_a_clone_has_everything_but_the_time(company: Company) -> None:
    at = timezone.now() + timedelta(hours=1)
    original = a_campaign(scheduled_at=at, rate_per_minute=60, holdout_percent=10)
    copy = copies.clone(campaign=original, by=None, actor="system")
    assert (copy.state, copy.scheduled_at, copy.cloned_from) == ("draft", None, original)
    assert (copy.rate_per_minute, copy.holdout_percent) == (60, 10)
    assert (copy.template, copy.audience, copy.variables) == (
        original.template,
        original.audience,
        original.variables,
    )
    assert copy.stream_id != original.stream_id


def test_a_clone_leaves_open_what_no_longer_fits(company: Company) -> None:
    original = a_campaign()
    Connection.objects.update(deleted_at=timezone.now())
    copy = copies.clone(campaign=Campaign.objects.get(), by=None, actor="system")
    assert (copy.connection, copy.name) == (None, f"{original.name} (copy)")


def test_only_what_may_be_tried_again_is_offered(ended: Campaign) -> None:
    assert report.resendable_codes(ended) == ["attempts_exhausted", "expired"]


def test_another_try_goes_to_those_alone_and_points_back(ended: Campaign) -> None:
    again = copies.resend(campaign=ended, codes=[], by=None, actor="system")
    assert audiences.count(again.audience) == 3
    lifecycle.start(campaign_id=again.pk, actor="system")
    preparation.prepare(again.pk)
    rows = Message.objects.filter(stream=again.stream_id).select_related("resend_of")
    assert {row.resend_of.code for row in rows if row.resend_of} == {
        "attempts_exhausted",
        "expired",
    }
    assert all(row.resend_of and row.resend_of.contact_id == row.contact_id for row in rows)
    assert rows.count() == 3


def test_chosen_causes_narrow_it(ended: Campaign) -> None:
    again = copies.resend(campaign=ended, codes=["expired"], by=None, actor="system")
    assert audiences.count(again.audience) == 1


def test_what_is_on_its_way_again_is_not_tried_a_third_time(ended: Campaign) -> None:
    again = copies.resend(campaign=ended, codes=[], by=None, actor="system")
    lifecycle.start(campaign_id=again.pk, actor="system")
    preparation.prepare(again.pk)
    with pytest.raises(Conflict) as caught:
        copies.resend(campaign=ended, codes=[], by=None, actor="system")
    assert caught.value.code == "nobody_to_resend"


def test_a_running_campaign_is_not_tried_again(company: Company) -> None:
    contacts(1)
    with pytest.raises(Conflict) as caught:
        copies.resend(campaign=run(a_campaign()), codes=[], by=None, actor="system")
    assert caught.value.code == "campaign_open"
