"""What ran out: leases of dead workers, and the wait for evidence."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import Connection
from core.models import AgendaRow
from messaging.dispatch import lanes, sweep
from messaging.dispatch.claim import Claim
from messaging.enums import DispatchState
from messaging.models import Message
from tenants.models import Company
from tests.messaging import factories


@pytest.fixture
def connection(company: Company) -> Connection:
    return factories.a_connection()


def run_out(**columns: str) -> None:
    Message.objects.update(**{name: timezone.now() - timedelta(seconds=1) for name in columns})


def test_a_claimed_row_goes_back_and_its_sender_is_woken(connection: Connection) -> None:
    message = factories.an_outgoing(connection)
    Claim(connection.pk, lanes.REPLIES).take(10)
    AgendaRow.objects.all().delete()
    run_out(lease_until="")

    sweep.sweep("")

    message.refresh_from_db()
    assert (message.dispatch, message.attempt) == (DispatchState.QUEUED, 0)
    assert message.claim_token is None
    assert AgendaRow.objects.filter(kind="messaging.reply", key=str(connection.pk)).exists()


def test_a_row_on_the_wire_becomes_unknown_and_is_never_sent_again(
    connection: Connection,
) -> None:
    message = factories.an_outgoing(connection)
    claim = Claim(connection.pk, lanes.REPLIES)
    claim.begin(claim.take(10))
    run_out(lease_until="")

    sweep.sweep("")

    message.refresh_from_db()
    assert (message.dispatch, message.code) == (DispatchState.UNKNOWN, "interrupted")
    run_out(due_at="")
    sweep.sweep("")
    message.refresh_from_db()
    assert message.dispatch == DispatchState.UNCONFIRMED
    assert Claim(connection.pk, lanes.REPLIES).take(10) == []


def test_a_live_lease_is_left_alone_and_looked_at_again_when_it_ends(
    connection: Connection,
) -> None:
    message = factories.an_outgoing(connection)
    Claim(connection.pk, lanes.REPLIES).take(10)
    AgendaRow.objects.all().delete()

    sweep.sweep("")

    message.refresh_from_db()
    assert message.dispatch == DispatchState.CLAIMED
    [row] = AgendaRow.objects.filter(kind="messaging.sweep")
    assert row.due_at > message.lease_until


def test_a_claim_leaves_a_wake_up_behind_for_the_case_of_death(connection: Connection) -> None:
    factories.an_outgoing(connection)
    AgendaRow.objects.all().delete()

    Claim(connection.pk, lanes.REPLIES).take(10)

    assert AgendaRow.objects.filter(kind="messaging.sweep").count() == 1


def test_with_nothing_leased_or_waiting_nothing_is_due(connection: Connection) -> None:
    factories.an_outgoing(connection)
    assert sweep.due(None) == []
