"""What comes too late never leaves, whoever or whatever held it back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connections.models import Connection
from connections.services import states
from core.models import AgendaRow
from events.models import Event
from messaging.agenda import EXPIRE
from messaging.dispatch import lanes
from messaging.dispatch.claim import Claim
from messaging.enums import DispatchState
from messaging.models import Message, Stream, Template, Thread
from messaging.services import expiry, streams
from tenants.models import Company
from tests.messaging import factories

D = DispatchState
PAST = timedelta(seconds=-1)


@pytest.fixture
def connection(company: Company) -> Connection:
    return factories.a_connection()


def a_late_run(connection: Connection, number: int = 3) -> Stream:
    """A released run whose end has passed."""
    stream = factories.a_run(connection, factories.a_template(connection), number)
    factories.start(stream)
    Stream.objects.filter(pk=stream.pk).update(expires_at=timezone.now() + PAST)
    return stream


def test_a_run_that_begins_without_an_end_has_a_week(connection: Connection) -> None:
    stream = factories.a_run(connection, factories.a_template(connection), 1)
    began = timezone.now()
    streams.run(stream_id=stream.pk)

    stream.refresh_from_db()
    assert stream.expires_at is not None
    assert timedelta() <= stream.expires_at - began - timedelta(days=7) < timedelta(seconds=5)
    [row] = AgendaRow.objects.filter(kind=EXPIRE)
    assert (row.key, row.due_at) == (str(stream.pk), stream.expires_at)


def test_a_run_keeps_its_end_over_a_pause(connection: Connection) -> None:
    stream = factories.a_run(connection, factories.a_template(connection), 1)
    streams.run(stream_id=stream.pk)
    end = Stream.objects.get().expires_at
    streams.pause(stream_id=stream.pk)
    streams.resume(stream_id=stream.pk)
    assert Stream.objects.get().expires_at == end


def test_nothing_of_a_late_run_is_claimed_or_due(connection: Connection) -> None:
    a_late_run(connection)
    assert Claim(connection.pk, lanes.RUNS).take(10) == []
    assert lanes.due(lanes.RUNS, None) == []


def test_what_was_claimed_in_time_does_not_leave_too_late(connection: Connection) -> None:
    stream = factories.a_run(connection, factories.a_template(connection), 2)
    factories.start(stream)
    alone = factories.an_outgoing(connection, expires_at=timezone.now() + timedelta(hours=1))
    runs, replies = Claim(connection.pk, lanes.RUNS), Claim(connection.pk, lanes.REPLIES)
    of_run, of_none = runs.take(10), replies.take(10)
    Stream.objects.update(expires_at=timezone.now() + PAST)
    Message.objects.filter(pk=alone.pk).update(expires_at=timezone.now() + PAST)

    assert (len(of_run), len(of_none)) == (2, 1)
    assert (runs.begin(of_run), replies.begin(of_none)) == (set(), set())


@pytest.mark.parametrize("waiting", [D.QUEUED, D.RETRY_WAIT])
@pytest.mark.parametrize("is_paused", [False, True])
def test_late_messages_of_a_run_expire_also_while_it_is_paused(
    connection: Connection, waiting: DispatchState, is_paused: bool
) -> None:
    stream = a_late_run(connection)
    Message.objects.update(dispatch=waiting)
    if is_paused:
        streams.pause(stream_id=stream.pk)

    assert expiry.expire_due() == 3

    assert factories.states_of(stream) == {D.EXPIRED: 3}
    assert set(Message.objects.values_list("code", flat=True)) == {"expired"}
    told = Event.objects.filter(type="messages.progressed").latest("sequence").data["items"]
    assert [item["state"] for item in told] == ["cancelled"] * 3
    assert expiry.expire_due() == 0


def test_messages_in_time_or_on_the_wire_are_left_alone(connection: Connection) -> None:
    factories.an_outgoing(connection, expires_at=timezone.now() + timedelta(minutes=1))
    factories.an_outgoing(connection, dispatch=D.SENDING, expires_at=timezone.now() + PAST)
    stream = factories.a_run(connection, factories.a_template(connection), 1)
    factories.start(stream)

    assert expiry.expire_due() == 0


def test_a_single_message_past_its_time_expires(connection: Connection) -> None:
    message = factories.an_outgoing(connection, expires_at=timezone.now() + PAST)
    assert Claim(connection.pk, lanes.REPLIES).take(10) == []

    expiry.expire_due()

    message.refresh_from_db()
    assert (message.dispatch, message.code) == (D.EXPIRED, "expired")


def test_a_run_whose_last_rows_expired_is_over(connection: Connection) -> None:
    stream = a_late_run(connection)
    expiry.expire_due()
    assert streams.close_if_done(stream_id=stream.pk) is True


def test_a_number_that_stops_has_its_late_messages_looked_after(connection: Connection) -> None:
    AgendaRow.objects.all().delete()
    states.stop(connection, "190")
    assert list(AgendaRow.objects.filter(kind=EXPIRE).values_list("key", flat=True)) == [""]


def test_what_waits_is_due_when_its_time_is_over(connection: Connection) -> None:
    end = timezone.now() + timedelta(hours=3)
    factories.an_outgoing(connection, expires_at=end)
    stream = factories.a_run(connection, factories.a_template(connection), 1)
    factories.start(stream)
    stream.refresh_from_db()

    assert expiry.due("") == [("", end)]
    assert expiry.due(str(stream.pk)) == [(str(stream.pk), stream.expires_at)]
    assert sorted(expiry.due(None)) == sorted([("", end), (str(stream.pk), stream.expires_at)])


@pytest.mark.parametrize(
    ("category", "window", "expected"),
    [
        ("AUTHENTICATION", 20, timedelta(minutes=10)),
        ("UTILITY", 1, timedelta(hours=24)),
        ("", 20, timedelta(hours=20)),
        ("", 72, timedelta(hours=24)),
        ("", None, timedelta(hours=24)),
        ("", -1, timedelta(hours=24)),
    ],
)
def test_the_time_of_a_single_message(
    category: str, window: int | None, expected: timedelta
) -> None:
    now = timezone.now()
    until = None if window is None else now + timedelta(hours=window)
    template: Any = Template(category=category) if category else None
    end = expiry.single_end(now=now, template=template, thread=Thread(window_until=until))
    assert end - now == expected
