"""Undelivered events sent once more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from core.errors import Conflict
from tenants.models import Company
from tests.webhooks.endpoints import driving, rows
from tests.webhooks.endpoints.conftest import Make
from tests.webhooks.endpoints.sink import Sink
from webhooks.endpoints.enums import DispatchState, EndpointState
from webhooks.endpoints.models import Dispatch, WebhookEvent
from webhooks.endpoints.services import redriving


def given_up(*args: object) -> Dispatch:
    dispatch = rows.an_undelivered(*args)  # type: ignore[arg-type]
    dispatch.finished_at = timezone.now() - timedelta(hours=1)
    dispatch.save()
    return dispatch


def states() -> list[str]:
    return sorted(Dispatch.objects.values_list("state", flat=True))


def test_one_is_sent_again_with_its_id_and_bytes(
    company: Company, sink: Sink, an_endpoint: Make
) -> None:
    dead = given_up(an_endpoint())
    redriving.retry(dispatch=dead)
    driving.send_all()
    [got] = sink.got
    assert got.body == dead.event.body.encode()
    assert states() == [DispatchState.DELIVERED]


def test_a_filter_s_worth_goes_out_in_pieces_and_leaves_the_others(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redriving, "PIECE", 2)
    ours, other = rows.an_endpoint(), rows.an_endpoint()
    off = rows.an_endpoint(state=EndpointState.DISABLED)
    for endpoint in (ours, ours, ours, other, off):
        given_up(endpoint)
    asked = redriving.redrive(endpoint=ours, type="contact.created")
    redriving.run(str(asked.pk))
    asked.refresh_from_db()
    assert (asked.count, asked.finished_at is not None) == (3, True)
    assert Dispatch.objects.filter(endpoint=ours, state=DispatchState.PENDING).count() == 3
    everything = redriving.redrive()
    redriving.run(str(everything.pk))
    assert states() == [DispatchState.DEAD] + [DispatchState.PENDING] * 4  # what is off stays


def test_what_fails_again_is_not_taken_again_by_the_same_redrive(company: Company) -> None:
    given_up()
    asked = redriving.redrive()
    later = rows.an_undelivered()
    Dispatch.objects.filter(pk=later.pk).update(finished_at=asked.created_at + timedelta(seconds=1))
    redriving.run(str(asked.pk))
    later.refresh_from_db()
    assert later.state == DispatchState.DEAD


def test_an_endpoint_that_is_off_is_refused_in_words(company: Company) -> None:
    off = rows.an_endpoint(state=EndpointState.DISABLED)
    with pytest.raises(Conflict, match="Activate it first"):
        redriving.retry(dispatch=given_up(off))
    with pytest.raises(Conflict, match="Activate it first"):
        redriving.redrive(endpoint=off)


def test_what_is_on_its_way_or_erased_is_not_sent_again(company: Company) -> None:
    with pytest.raises(Conflict, match="at this moment"):
        redriving.retry(dispatch=rows.a_dispatch(state=DispatchState.SENDING))
    erased = given_up()
    WebhookEvent.objects.filter(pk=erased.event_id).update(body="")
    with pytest.raises(Conflict, match="erased"):
        redriving.retry(dispatch=erased)
