"""Tokens are watched: warned of in steps, stopped just before they burn an audience."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.enums import ConnectionState
from connections.models import Connection
from connections.services import states, tokens
from events.models import Event, Incident
from team.models import Notification
from tenants.models import Company, IncidentRollup
from tests.connections.factories import a_connection

pytestmark = pytest.mark.usefixtures("company", "owner")


def ending_in(**left: int) -> Connection:
    return a_connection(token_expires_at=timezone.now() + timedelta(**left))


def warnings() -> list[int]:
    rows = Event.objects.filter(type="connection.token_expiring").order_by("sequence")
    return [row.data["days"] for row in rows]


@pytest.mark.parametrize(("days_left", "told"), [(20, []), (14, [14]), (6, [7]), (1, [1])])
def test_a_token_is_told_of_at_its_step(days_left: int, told: list[int]) -> None:
    connection = ending_in(days=days_left)
    tokens.watch(connection.pk)
    tokens.watch(connection.pk)
    assert warnings() == told


def test_each_step_is_told_once_as_the_end_comes_nearer() -> None:
    connection = ending_in(days=30)
    ends = connection.token_expires_at
    assert ends is not None
    for days in (29, 14, 13, 7, 3, 1):
        # The clock goes on: the same token, nearer to its end.
        moved = timezone.now() + timedelta(days=days)
        told = connection.config.get("token_warned")
        config = {"token_warned": {**told, "ends": moved.isoformat()}} if told else {}
        Connection.objects.filter(pk=connection.pk).update(token_expires_at=moved, config=config)
        tokens.watch(connection.pk)
        connection.refresh_from_db()
    assert warnings() == [14, 7, 1]


def test_a_number_stops_just_before_its_token_ends() -> None:
    connection = ending_in(minutes=4)
    tokens.watch(connection.pk)
    connection.refresh_from_db()
    assert (connection.state, connection.state_code) == (ConnectionState.STOPPED, "token_expired")


def test_the_warning_is_one_incident_that_a_renewed_token_ends(aurora: Company) -> None:
    from connections.services.connections import _write

    connection = ending_in(days=6)
    tokens.watch(connection.pk)
    [incident] = Incident.objects.all()
    rollup = IncidentRollup.objects.get()
    assert (incident.kind, incident.cause) == ("connection.token_expiring", "token_expiring")
    assert (rollup.pk, rollup.company, rollup.closed_at) == (incident.pk, aurora, None)
    assert Notification.objects.filter(code="connection.token_expiring").exists()
    connection.refresh_from_db()
    _write(connection, {"token_expires_at": timezone.now() + timedelta(days=60)})
    assert not Incident.objects.filter(closed_at=None).exists()
    assert not IncidentRollup.objects.filter(closed_at=None).exists()


def test_a_stop_is_an_incident_until_the_number_sends_again() -> None:
    connection = a_connection()
    states.stop(connection, "190", "expired")
    states.stop(connection, "190", "expired")
    assert Incident.objects.get().closed_at is None
    states.resume(connection)
    assert Incident.objects.get().closed_at is not None


def test_the_agenda_knows_the_next_step() -> None:
    connection = ending_in(days=10)
    [(key, at)] = tokens.due(None)
    assert key == str(connection.pk)
    assert at == connection.token_expires_at - timedelta(days=14)
    tokens.watch(connection.pk)
    [(_, at)] = tokens.due(key)
    assert at == connection.token_expires_at - timedelta(days=7)
