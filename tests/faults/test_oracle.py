"""The judge of the fault tests sees each kind of damage: one lie at a time, and it says so."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from core.models import AgendaRow
from messaging.dispatch import pump
from messaging.enums import DispatchState
from messaging.models import Budget, Message, Stream
from messaging.services import streams
from sandbox.testing import Handle
from tenants.models import Company
from tests.faults import audit, oracle, rig
from tests.messaging import factories

SIZE = 5
Ledger = list[dict[str, Any]]
Damage = Callable[[Stream, Ledger], Ledger]


def one(stream: Stream) -> Any:
    """The first row of the run, to be changed."""
    first = Message.objects.filter(stream=stream).order_by("pk").values("pk")[:1]
    return Message.objects.filter(pk__in=first)


def lose_a_row(stream: Stream, ledger: Ledger) -> Ledger:
    one(stream).update(stream=None)
    return ledger


def send_twice(stream: Stream, ledger: Ledger) -> Ledger:
    return [*ledger, ledger[0]]


def send_without_a_row(stream: Stream, ledger: Ledger) -> Ledger:
    return [*ledger, {**ledger[0], "key": "01890000-0000-7000-8000-000000000000"}]


def deny_what_was_sent(stream: Stream, ledger: Ledger) -> Ledger:
    one(stream).update(dispatch=DispatchState.QUEUED)
    return ledger


def claim_what_was_not_sent(stream: Stream, ledger: Ledger) -> Ledger:
    return ledger[1:]


def miscount(stream: Stream, ledger: Ledger) -> Ledger:
    kept = Stream.objects.get(pk=stream.pk).counts
    Stream.objects.filter(pk=stream.pk).update(counts={**kept, "sent": kept["sent"] + 1})
    return ledger


def overcharge(stream: Stream, ledger: Ledger) -> Ledger:
    Budget.objects.create(month="2020-01-01", currency="BRL", used=1)
    return ledger


def let_a_rank_fall(stream: Stream, ledger: Ledger) -> Ledger:
    one(stream).update(rank=20)
    one(stream).update(rank=10)
    return ledger


@pytest.fixture
def sent(company: Company, sandbox: Handle) -> Stream:
    """A run that was sent without any fault."""
    with connection.cursor() as cursor:
        cursor.execute(audit.INSTALL)
    rig.set_sandbox(sandbox, delays={"sent": 600, "delivered": 600, "read": 600})
    number = factories.a_connection()
    stream = factories.a_run(number, factories.a_template(number), SIZE)
    factories.start(stream)
    pump.pump_runs(str(number.pk))
    streams.recount(stream_id=stream.pk)
    AgendaRow.objects.all().delete()
    return stream


def test_it_is_content_with_a_run_without_faults(sent: Stream, sandbox: Handle) -> None:
    ledger = rig.ledger(sandbox)
    oracle.check(sent, ledger, planned=SIZE)
    oracle.settle(sent, Message.objects.filter(stream=sent)[0].connection, ledger)


@pytest.mark.parametrize(
    "damage",
    [
        lose_a_row,
        send_twice,
        send_without_a_row,
        deny_what_was_sent,
        claim_what_was_not_sent,
        miscount,
        overcharge,
        let_a_rank_fall,
    ],
)
def test_it_sees(sent: Stream, sandbox: Handle, damage: Damage) -> None:
    ledger = damage(sent, rig.ledger(sandbox))
    with pytest.raises(AssertionError):
        oracle.check(sent, ledger, planned=SIZE)


def test_it_sees_a_run_that_is_over_too_soon(sent: Stream, sandbox: Handle) -> None:
    number = Message.objects.filter(stream=sent)[0].connection
    one(sent).update(dispatch=DispatchState.CLAIMED)
    with pytest.raises(AssertionError):
        oracle.settle(sent, number, rig.ledger(sandbox)[1:])
