"""Who falls silent is told of once, and it ends by itself when something arrives."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from connections.enums import ConnectionState
from connections.models import Connection
from core.ids import first_uuid7, uuid7
from events import bus
from events.models import Event, Incident
from messaging.enums import DispatchState, Rank
from messaging.events import MessagesProgressed
from messaging.models import Message
from team.models import Notification
from tenants.enums import Role
from tenants.models import Company
from tests.conftest import make_member
from tests.messaging.factories import a_connection, an_outgoing
from webhooks.gaps import selectors
from webhooks.gaps.enums import Measure, Noun
from webhooks.gaps.models import HourCount, Watch
from webhooks.gaps.services import counting, looking
from webhooks.models import Item
from webhooks.sources.models import Received, Source

HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 18, 15, 50, tzinfo=UTC)  # a Wednesday, 12:50 in São Paulo
USUAL = 60


@pytest.fixture
def number(company: Company) -> Connection:
    """A number with eight weeks of sixty messages an hour by day, until an hour ago."""
    made = a_connection()
    history(Noun.CONNECTION, made.pk, Measure.POSTS, Measure.MESSAGES)
    HourCount.objects.create(
        noun=Noun.CONNECTION,
        key=made.pk,
        measure=Measure.STATUSES,
        hour=NOW.replace(minute=0) - 5 * HOUR,
        count=7,
    )
    return made


def history(noun: Noun, key: object, *measures: Measure, until: datetime = NOW) -> None:
    hours = [NOW.replace(minute=0) - step * HOUR for step in range(1, 8 * 7 * 24)]
    HourCount.objects.bulk_create(
        HourCount(noun=noun, key=key, measure=measure, hour=hour, count=USUAL)
        for hour in hours
        for measure in measures
        if 11 <= hour.hour < 23 and hour < until
    )


def arrive(number: Connection, count: int, at: datetime, kind: str = "message") -> None:
    Item.objects.bulk_create(
        Item(
            envelope_id=uuid7(),
            position=0,
            connection=number,
            provider=number.provider,
            kind=kind,
            data={},
            state="processed",
            received_at=at,
        )
        for _ in range(count)
    )


def open_causes() -> list[str]:
    rows = Incident.objects.filter(closed_at=None).order_by("cause")
    return list(rows.values_list("cause", flat=True))


def opened(at: datetime) -> None:
    """Incidents are opened by the clock on the wall; the test's is another."""
    Incident.objects.update(opened_at=at)


def test_who_falls_silent_is_told_of_once_and_is_well_when_something_arrives(
    aurora: Company, company: Company, number: Connection
) -> None:
    make_member(aurora, Role.ADMIN)
    looking.look(NOW)
    looking.look(NOW + timedelta(minutes=5))
    assert open_causes() == ["silent"]
    incident = Incident.objects.get()
    assert (incident.data["seen"], incident.data["expected"]) == (0, 50)
    assert Notification.objects.filter(code="gaps.silent").count() == 1
    opened(NOW)

    looking.look(NOW + timedelta(minutes=10))
    assert open_causes() == ["silent"]
    arrive(number, 9, NOW + timedelta(minutes=14))
    looking.look(NOW + timedelta(minutes=15))
    assert open_causes() == []
    looking.look(NOW + timedelta(minutes=20))
    assert open_causes() == []


def test_as_much_as_usual_is_no_gap(company: Company, number: Connection) -> None:
    arrive(number, 48, NOW - timedelta(minutes=20))
    looking.look(NOW)
    assert open_causes() == []


def test_the_night_is_not_held_against_anybody(company: Company, number: Connection) -> None:
    HourCount.objects.filter(hour__gte=NOW.replace(minute=0)).delete()
    night = NOW.replace(hour=5)  # two in the morning; the evening before was as usual
    HourCount.objects.filter(hour__gte=night).delete()
    looking.look(night)
    assert open_causes() == []


def test_statuses_without_messages_are_a_cause_of_their_own(
    company: Company, number: Connection
) -> None:
    arrive(number, 50, NOW - timedelta(minutes=20), kind="status")
    looking.look(NOW)
    assert open_causes() == ["no_messages"]
    opened(NOW)
    arrive(number, 9, NOW + timedelta(minutes=9))
    looking.look(NOW + timedelta(minutes=10))
    assert open_causes() == []


@pytest.mark.parametrize("state", [ConnectionState.PAUSED, ConnectionState.STOPPED])
def test_who_is_paused_is_not_missed_nor_right_after(
    company: Company, number: Connection, state: str
) -> None:
    Connection.objects.update(state=state)
    looking.look(NOW)
    assert open_causes() == []
    Connection.objects.update(state=ConnectionState.ACTIVE)
    looking.look(NOW + timedelta(minutes=5))
    assert open_causes() == []


def test_an_incident_ends_when_nobody_is_expected_any_more(
    company: Company, number: Connection
) -> None:
    looking.look(NOW)
    Connection.objects.update(state=ConnectionState.PAUSED)
    looking.look(NOW + timedelta(minutes=5))
    assert open_causes() == []


def test_a_new_number_is_not_missed(company: Company) -> None:
    number = a_connection()
    arrive(number, 50, NOW - 30 * HOUR)
    looking.look(NOW)
    assert open_causes() == []
    assert Watch.objects.get().looked_at == NOW


def test_a_source_is_missed_and_found_again(company: Company) -> None:
    source = Source.objects.create(name="Loja", preset="custom", token="tok")
    history(Noun.SOURCE, source.pk, Measure.POSTS)
    looking.look(NOW)
    assert open_causes() == ["silent"]
    opened(NOW)
    Received.objects.bulk_create(
        Received(
            source=source,
            envelope_id=uuid7(),
            raw=b"{}",
            sha256="0" * 64,
            received_at=NOW + timedelta(minutes=8),
        )
        for _ in range(9)
    )
    looking.look(NOW + timedelta(minutes=10))
    assert open_causes() == []


def sent(number: Connection, count: int, at: datetime) -> list[Message]:
    rows = [
        an_outgoing(number, dispatch=DispatchState.ACCEPTED, rank=Rank.NONE) for _ in range(count)
    ]
    items = [
        {"message": str(row.pk), "thread": None, "stream": None, "state": "sent"} for row in rows
    ]
    with transaction.atomic():
        event = bus.publish(MessagesProgressed(items=items))
    Event.objects.filter(pk=event.pk).update(uid=first_uuid7(at))
    return rows


def test_messages_of_which_nothing_is_told_for_a_quarter_of_an_hour(
    company: Company, number: Connection
) -> None:
    arrive(number, 50, NOW - timedelta(minutes=20))
    rows = sent(number, 5, NOW - timedelta(minutes=10))
    looking.look(NOW)
    assert open_causes() == []
    later = NOW + timedelta(minutes=9)
    looking.look(later)
    assert open_causes() == ["no_status"]
    assert Incident.objects.get().data["sent"] == 5
    opened(later)
    Message.objects.filter(pk=rows[0].pk).update(rank=Rank.DELIVERED)
    arrive(number, 1, later + timedelta(minutes=1), kind="statuses")
    looking.look(later + timedelta(minutes=2))
    assert open_causes() == []


def test_counting_twice_is_counting_once_and_late_rows_are_found(
    company: Company,
) -> None:
    number = a_connection()
    arrive(number, 3, NOW - 26 * HOUR)
    arrive(number, 2, NOW - timedelta(minutes=30), kind="statuses")
    counting.count(NOW)
    counting.count(NOW)
    arrive(number, 1, NOW - HOUR)  # waited on disk
    counting.count(NOW + timedelta(minutes=5))
    counted = HourCount.objects.order_by("hour", "measure")
    assert list(counted.values_list("measure", "count")) == [
        ("messages", 3),
        ("posts", 3),
        ("messages", 1),
        ("posts", 1),
        ("posts", 2),
        ("statuses", 2),
    ]
    counting.count(NOW + timedelta(weeks=10))
    assert not HourCount.objects.exists()


def test_two_days_are_drawn_beside_what_is_usual(
    aurora: Company, company: Company, number: Connection
) -> None:
    pulse = selectors.pulse(noun=Noun.CONNECTION, key=number.pk, company=aurora, now=NOW)
    assert (len(pulse.bars), pulse.is_learning) == (48, False)
    assert pulse.bars[-1].seen == 0
    assert pulse.bars[-1].expected == pytest.approx(USUAL)
    assert max(bar.height for bar in pulse.bars) == 100
    other = selectors.pulse(noun=Noun.CONNECTION, key=uuid7(), company=aurora, now=NOW)
    assert (other.seen, other.is_learning, other.line) == (0, True, "")


def test_a_company_with_nothing_to_hear_from_is_not_looked_at(company: Company) -> None:
    assert looking.due(None) == []
    a_connection()
    [(_key, at)] = looking.due(None)
    assert timezone.now() < at <= timezone.now() + timedelta(minutes=5)


@pytest.mark.parametrize(("count", "causes"), [(20, ["silent"]), (1_200, [])])
def test_a_busy_number_is_well_again_too(
    company: Company, number: Connection, count: int, causes: list[str]
) -> None:
    HourCount.objects.update(count=100 * USUAL)
    looking.look(NOW)
    opened(NOW)
    arrive(number, count, NOW + timedelta(minutes=29))
    looking.look(NOW + timedelta(minutes=30))
    assert open_causes() == causes


def test_what_was_missed_before_traffic_came_back_is_not_held_against_it(
    aurora: Company, company: Company, number: Connection
) -> None:
    """Three silent hours, then as much as usual: the three hours stay as empty as they were."""
    make_member(aurora, Role.ADMIN)
    hours = [NOW.replace(minute=0) - step * HOUR for step in range(1, 4)]
    HourCount.objects.filter(hour__in=hours).delete()
    looking.look(NOW)
    assert open_causes() == ["silent"]
    opened(NOW)
    for minutes in range(5, 65, 5):
        arrive(number, 5, NOW + timedelta(minutes=minutes - 1))
        looking.look(NOW + timedelta(minutes=minutes))
    assert open_causes() == []
    assert Notification.objects.filter(code="gaps.silent").count() == 1


def test_once_statuses_come_again_the_messages_before_are_not_missed_anew(
    aurora: Company, company: Company, number: Connection
) -> None:
    make_member(aurora, Role.ADMIN)
    arrive(number, 50, NOW - timedelta(minutes=20))
    sent(number, 5, NOW - timedelta(minutes=20))
    looking.look(NOW)
    assert open_causes() == ["no_status"]
    opened(NOW)
    arrive(number, 1, NOW + timedelta(minutes=4), kind="status")
    looking.look(NOW + timedelta(minutes=5))
    assert open_causes() == []
    assert Notification.objects.filter(code="gaps.no_status").count() == 1


def test_a_page_shows_what_came_since_the_last_count(aurora: Company, number: Connection) -> None:
    counting.count(NOW - timedelta(minutes=4))
    arrive(number, 3, NOW - timedelta(minutes=1))
    pulse = selectors.pulse(noun=Noun.CONNECTION, key=number.pk, company=aurora, now=NOW)
    assert pulse.bars[-1].seen == 3
