"""Clones are drafts of their own; another try goes to those alone who provably got nothing."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns import report
from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.services import copies, lifecycle, preparation
from connections.models import Connection
from core import scope
from core.errors import Conflict
from core.ids import uuid7
from crm import audiences
from messaging.enums import DispatchState
from messaging.models import Message
from messaging.services import streams
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
    return an_ended_campaign()


def an_ended_campaign() -> Campaign:
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


def test_what_was_cancelled_before_it_left_may_be_tried_again(ended: Campaign) -> None:
    again = copies.resend(campaign=ended, codes=[], by=None, actor="system")
    lifecycle.start(campaign_id=again.pk, actor="system")
    preparation.prepare(again.pk)
    lifecycle.cancel(campaign_id=again.pk, actor="system")
    streams.cancel_rows(stream_id=again.stream_id)
    once_more = copies.resend(campaign=ended, codes=[], by=None, actor="system")
    assert audiences.count(once_more.audience) == 3


@pytest.mark.usefixtures("fresh_database")
def test_two_tries_prepared_at_once_share_the_people_and_take_nobody_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    company = Company.objects.get(slug="aurora")
    with scope.opened(company), scope.surroundings(company):
        origin = an_ended_campaign()
        tries = [
            copies.resend(campaign=origin, codes=[], by=None, actor="system") for _ in range(2)
        ]
        for one in tries:
            lifecycle.start(campaign_id=one.pk, actor="system")
    both_read = threading.Barrier(2)

    def meet(name: str) -> None:
        """Both have their chunk, and neither has committed it, unless one waits for the other."""
        with suppress(threading.BrokenBarrierError):
            both_read.wait(timeout=1)

    monkeypatch.setattr(preparation.failpoints, "reach", meet)

    def work(campaign: Campaign) -> None:
        try:
            with scope.opened(company), scope.surroundings(company):
                preparation.prepare(campaign.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(one,)) for one in tries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    with scope.opened(company):
        rows = Message.objects.filter(stream__in=[one.stream_id for one in tries])
        assert len(rows) == 3
        assert len({row.resend_of_id for row in rows}) == 3


def test_another_try_of_a_campaign_that_is_gone_goes_to_nobody(ended: Campaign) -> None:
    again = copies.resend(campaign=ended, codes=[], by=None, actor="system")
    gone = {"campaign": str(uuid7()), "codes": ["expired"]}
    again.audience["include"][0]["value"] = gone
    assert audiences.count(again.audience) == 0
    again.audience = {"join": "all", "include": [], "exclude": again.audience["include"]}
    assert audiences.count(again.audience) == 0


def test_a_running_campaign_is_not_tried_again(company: Company) -> None:
    contacts(1)
    with pytest.raises(Conflict) as caught:
        copies.resend(campaign=run(a_campaign()), codes=[], by=None, actor="system")
    assert caught.value.code == "campaign_open"
