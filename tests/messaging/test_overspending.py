"""Runs without money: paused when their next message finds the budget empty, and only then."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from connections.models import Connection
from events.models import Event
from messaging.enums import StreamState
from messaging.models import Budget, Message, SendingPolicy, Stream
from messaging.services import overspending
from tenants.models import Company
from tests.messaging import factories

PRICE = Decimal("0.0625")  # of a marketing message to Brazil, in dollars


@pytest.fixture
def connection(company: Company) -> Connection:
    SendingPolicy.objects.create(currency="USD")
    return factories.a_connection()


@pytest.fixture
def run(connection: Connection) -> Stream:
    """Running, with one message that found the budget empty a moment ago."""
    template = factories.a_template(connection, category="MARKETING")
    stream = factories.a_run(connection, template, 1, purpose="marketing")
    Stream.objects.filter(pk=stream.pk).update(budget=PRICE, currency="USD")
    factories.start(stream)
    later = timezone.now() + timedelta(minutes=1)
    Message.objects.filter(stream=stream).update(code="budget_reached", due_at=later)
    return stream


def state_of(stream: Stream) -> str:
    return Stream.objects.values_list("state", flat=True).get(pk=stream.pk)


def test_a_run_whose_budget_is_used_up_pauses_and_says_why(run: Stream) -> None:
    Budget.objects.create(stream=run, currency="USD", used=PRICE)

    assert overspending.pause_spent(stream_id=run.pk)
    assert state_of(run) == StreamState.PAUSED
    told = Event.objects.get(type="stream.troubled")
    assert (told.data["stream_id"], told.data["code"]) == (str(run.pk), "budget_reached")


def test_a_run_whose_budget_was_raised_meanwhile_goes_on(run: Stream) -> None:
    assert not overspending.pause_spent(stream_id=run.pk)
    assert state_of(run) == StreamState.RUNNING


def test_due_are_running_runs_with_messages_that_wait_for_money(run: Stream) -> None:
    assert [key for key, _at in overspending.due(None)] == [str(run.pk)]
    assert [key for key, _at in overspending.due(str(run.pk))] == [str(run.pk)]

    Stream.objects.filter(pk=run.pk).update(state=StreamState.PAUSED)
    assert list(overspending.due(None)) == []
