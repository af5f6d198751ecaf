"""The fastest numbers' second slice: called when one does not keep up, harmless otherwise."""

from typing import Any

import pytest

from connections.models import Connection
from core.models import AgendaRow
from messaging.agenda import PUMP, PUMP_BESIDE
from messaging.dispatch import lanes, turns
from messaging.dispatch.pump import pump, pump_beside
from messaging.enums import DispatchState
from messaging.models import Template
from sandbox.testing import Handle
from tenants.models import Company
from tests.messaging import factories
from tests.messaging.factories import states_of


@pytest.fixture
def connection(company: Company, sandbox: Handle) -> Connection:
    return factories.a_connection()


@pytest.fixture
def template(connection: Connection) -> Template:
    return factories.a_template(connection)


@pytest.fixture
def fast(connection: Connection, settings: Any) -> Connection:
    """A number that may send more at once than a wave of ours holds."""
    settings.SEND_FAST_WAVE = 20
    Connection.objects.filter(pk=connection.pk).update(rate_per_second=5_000)
    return connection


def left(sandbox: Handle) -> int:
    """How many messages reached the provider."""
    return len(sandbox.http.get("/_sandbox/ledger", params={"limit": 5000}).json()["results"])


def calls() -> int:
    return AgendaRow.objects.filter(kind=PUMP_BESIDE).count()


def test_a_slice_that_does_not_keep_up_calls_another(
    fast: Connection, template: Template, sandbox: Handle
) -> None:
    stream = factories.a_run(fast, template, 120)
    factories.start(stream)

    pump(lanes.RUNS, str(fast.pk))

    assert calls() >= 1
    assert states_of(stream) == {DispatchState.ACCEPTED: 120}


def test_a_short_run_calls_nobody(fast: Connection, template: Template, sandbox: Handle) -> None:
    factories.start(factories.a_run(fast, template, 15))
    pump(lanes.RUNS, str(fast.pk))
    assert calls() == 0


def test_the_second_slice_sends_while_the_first_has_its_turn(
    fast: Connection, template: Template, sandbox: Handle
) -> None:
    stream = factories.a_run(fast, template, 30)
    factories.start(stream)

    with turns.turn(lanes.RUNS, fast.pk) as first:
        assert first is not None
        pump_beside(str(fast.pk))

    assert left(sandbox) == 30
    assert states_of(stream) == {DispatchState.ACCEPTED: 30}


def test_a_slow_number_has_one_slice(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    Connection.objects.filter(pk=connection.pk).update(rate_per_second=80)
    factories.start(factories.a_run(connection, template, 5))
    AgendaRow.objects.all().delete()

    pump_beside(str(connection.pk))

    assert left(sandbox) == 0
    assert not AgendaRow.objects.filter(kind=PUMP).exists()
