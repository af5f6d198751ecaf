"""What a claim takes, and what it leaves."""

from __future__ import annotations

from datetime import UTC, datetime

import time_machine

from tenants.models import Company
from tests.webhooks.endpoints import driving
from tests.webhooks.endpoints.conftest import Make
from tests.webhooks.endpoints.sink import Sink
from webhooks.endpoints import schedule
from webhooks.endpoints.enums import DispatchState, Failure
from webhooks.endpoints.models import WebhookEvent
from webhooks.endpoints.services import claiming

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_two_senders_never_have_more_than_two_requests_of_an_endpoint_on_the_wire(
    company: Company, an_endpoint: Make
) -> None:
    an_endpoint()
    driving.queued(5)
    assert len(claiming.claim(2)) == 2
    assert claiming.claim(2) == []


def test_who_is_slow_to_answer_gets_nothing_more_until_he_has(
    company: Company, an_endpoint: Make
) -> None:
    endpoint = an_endpoint()
    with time_machine.travel(START, tick=False) as clock:
        driving.queued(3)
        assert len(claiming.claim(1)) == 1
        clock.shift(schedule.SLOW)
        assert claiming.claim(5) == []
        assert driving.next_time(endpoint) == START + schedule.LEASE


def test_an_empty_body_never_leaves_and_says_why(
    company: Company, sink: Sink, an_endpoint: Make
) -> None:
    """Whom it names was erased between the look at the body and the row for the endpoint."""
    endpoint = an_endpoint()
    driving.queued()
    WebhookEvent.objects.update(body="")
    driving.send_all()
    dispatch = driving.only(endpoint)
    assert (dispatch.state, dispatch.failure, dispatch.attempts) == (
        DispatchState.CANCELLED, Failure.ERASED, 0,
    )  # fmt: skip
    assert sink.got == []
    assert driving.next_time(endpoint) is None
