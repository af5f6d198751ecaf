"""Stopped, paused, throttled, resumed: one conditional update each, told once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections import agenda as kinds
from connections.enums import ConnectionState
from connections.models import Connection
from connections.services import states
from core.models import AgendaRow
from events.models import Event
from team.models import Notification
from tenants.models import Company, Person
from tests.connections.factories import a_connection

pytestmark = pytest.mark.django_db


def row() -> Connection:
    return Connection.objects.get()


def facts() -> list[str]:
    return list(Event.objects.order_by("sequence").values_list("type", flat=True))


def test_a_refusal_reported_by_many_workers_is_told_once(company: Company) -> None:
    connection = a_connection()
    assert [states.stop(connection, "190", "expired") for _ in range(3)] == [True, False, False]
    assert (row().state, row().state_code, row().state_detail) == ("stopped", "190", "expired")
    assert facts() == ["connection.stopped"]


def test_those_who_can_mend_it_are_notified(people: dict[str, Person], company: Company) -> None:
    connection = a_connection()
    states.stop(connection, "190")
    told = Notification.objects.filter(code="connection.stopped")
    assert sorted(told.values_list("member__role", flat=True)) == ["admin", "owner"]
    assert told[0].url == f"/c/{company.slug}/connections/{connection.pk}/"


def test_a_throttle_ends_by_itself(company: Company) -> None:
    connection = a_connection()
    until = timezone.now() + timedelta(seconds=5)
    assert states.throttle(connection, "130429", "slow", until)
    assert (row().state, row().paused_until) == (ConnectionState.PAUSED, until)
    assert AgendaRow.objects.get(kind=kinds.RESUME).due_at == until
    states.resume_due(connection.pk)
    assert row().state == ConnectionState.PAUSED
    Connection.objects.update(paused_until=timezone.now() - timedelta(seconds=1))
    states.resume_due(connection.pk)
    assert (row().state, row().state_code, row().paused_until) == ("active", "", None)
    assert facts() == []  # seconds of waiting are no news


def test_a_long_throttle_is_news(company: Company) -> None:
    states.throttle(a_connection(), "131048", "spam", timezone.now() + timedelta(hours=1))
    assert facts() == ["connection.paused"]


def test_a_throttle_only_ever_lengthens_a_pause(company: Company) -> None:
    connection = a_connection()
    now = timezone.now()
    longer = now + timedelta(seconds=30)
    assert states.throttle(connection, "4", "", longer)
    assert not states.throttle(connection, "4", "", now + timedelta(seconds=10))
    assert row().paused_until == longer


def test_a_pause_of_people_outlasts_a_throttle(company: Company) -> None:
    connection = a_connection()
    states.pause(connection)
    assert not states.throttle(connection, "4", "", timezone.now() + timedelta(hours=1))
    assert row().paused_until is None
    assert list(kinds.throttled(None)) == []


def test_a_stopped_number_can_be_neither_paused_nor_throttled(company: Company) -> None:
    connection = a_connection()
    states.stop(connection, "190")
    assert not states.pause(connection)
    assert not states.throttle(connection, "4", "", timezone.now())
    assert row().state == ConnectionState.STOPPED


def test_resume_frees_whatever_held_it(company: Company) -> None:
    connection = a_connection()
    states.stop(connection, "190")
    assert states.resume(connection)
    assert not states.resume(connection)
    assert facts() == ["connection.stopped", "connection.resumed"]


def test_a_released_number_changes_no_more(company: Company) -> None:
    connection = a_connection(deleted_at=timezone.now(), state=ConnectionState.RELEASED)
    assert not states.stop(connection, "190")
    assert not states.resume(connection)
    assert row().state == ConnectionState.RELEASED
