"""How many messages a claim may take of what holds itself back; nothing is held back by chance."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from connections.models import Connection
from core.models import AgendaRow
from messaging.agenda import PUMP, REPLY
from messaging.dispatch import allowances
from messaging.dispatch.allowances import Allowances
from messaging.models import Stream
from messaging.services import streams
from tenants.models import Company
from tests.messaging import factories


@pytest.fixture
def connection(company: Company) -> Connection:
    return factories.a_connection()


def a_running_run(connection: Connection, **fields: object) -> Stream:
    stream = factories.a_run(connection, factories.a_template(connection), 1)
    factories.start(stream)
    Stream.objects.filter(pk=stream.pk).update(**fields)
    return stream


def test_usually_everything_may_be_taken_after_one_look(connection: Connection) -> None:
    a_running_run(connection)
    with CaptureQueriesContext(database) as queries:
        allowance = Allowances(connection.pk, of_streams=True).ask(500)
    assert (allowance.total, allowance.of_runs) == (500, {})
    assert len(queries) == 1


def test_a_canary_goes_alone_and_another_one_when_it_said_nothing(connection: Connection) -> None:
    Connection.objects.update(is_probing=True)
    mine, others = (Allowances(connection.pk, of_streams=False) for _ in range(2))

    assert mine.ask(500).total == 1
    assert others.ask(500).total == 0
    assert mine.ask(500, in_flight=[None]).total == 0  # it is still out
    assert mine.ask(500).total == 1
    mine.release_connection()
    assert others.ask(500).total == 1


@pytest.mark.parametrize("end", ["release_connection", "connection_recovered"])
def test_whatever_it_says_both_lanes_hear_of_it(connection: Connection, end: str) -> None:
    Connection.objects.update(is_probing=True)
    mine = Allowances(connection.pk, of_streams=False)
    mine.ask(500)
    AgendaRow.objects.all().delete()

    getattr(mine, end)()

    assert sorted(AgendaRow.objects.values_list("kind", flat=True)) == [PUMP, REPLY]
    assert Connection.objects.get().is_probing is (end == "release_connection")


def test_what_is_in_flight_keeps_a_runs_canary(connection: Connection) -> None:
    stream = a_running_run(connection, is_probing=True)
    mine, others = (Allowances(connection.pk, of_streams=True) for _ in range(2))

    assert mine.ask(500).of_runs == {stream.pk: 1}
    assert mine.ask(500, in_flight=[stream.pk]).of_runs == {stream.pk: 0}
    mine.release([stream.pk])
    assert others.ask(500).of_runs == {stream.pk: 0}
    mine.release([])
    assert others.ask(500).of_runs == {stream.pk: 1}


def test_answers_do_not_wait_for_runs(connection: Connection) -> None:
    a_running_run(connection, is_probing=True, rate_per_minute=6)
    assert Allowances(connection.pk, of_streams=False).ask(500).total == 500


def test_a_runs_pace_is_shared_by_its_senders(connection: Connection) -> None:
    stream = a_running_run(connection, rate_per_minute=60)
    other = factories.a_connection(factories.OTHER_NUMBER)
    taken = [
        Allowances(key, of_streams=True).ask(500).of_runs[stream.pk]
        for key in (connection.pk, other.pk)
    ]
    assert taken == [2, 0]
    assert allowances.next_turn(stream.pk, 60).total_seconds() == pytest.approx(1, abs=0.1)


def test_a_paused_run_holds_nobody_back(connection: Connection) -> None:
    stream = a_running_run(connection, is_probing=True)
    streams.pause(stream_id=stream.pk)
    assert Allowances(connection.pk, of_streams=True).ask(500).of_runs == {}
