"""Threads: one for a contact at a connection, and its window by the provider's time."""

from datetime import UTC, datetime, timedelta

import pytest

from connections.models import Connection
from crm.models import Contact
from messaging.models import Thread
from messaging.services import threads
from tenants.models import Company
from tests.messaging import factories

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def connection(company: Company) -> Connection:
    return factories.a_connection()


@pytest.fixture
def contact(company: Company) -> Contact:
    return factories.contacts(1)[0]


@pytest.fixture
def thread(connection: Connection, contact: Contact) -> Thread:
    return threads.get_or_create(
        contact_id=contact.pk, connection_id=connection.pk, address="5511987654321"
    )


def place_of(thread: Thread, address: str = "") -> threads.Place:
    return threads.Place(thread.contact_id, thread.connection_id, address)


@pytest.mark.parametrize(
    ("address", "kept"), [("5511900000000", "5511900000000"), ("", "5511987654321")]
)
def test_a_newer_address_replaces_the_old_one_and_none_does_not(
    thread: Thread, address: str, kept: str
) -> None:
    again = threads.get_or_create(
        contact_id=thread.contact_id, connection_id=thread.connection_id, address=address
    )
    assert (again.pk, Thread.objects.get().address) == (thread.pk, kept)


@pytest.mark.parametrize(
    ("address", "kept"), [("5511900000000", "5511900000000"), ("", "5511987654321")]
)
def test_who_writes_from_a_newer_address_is_answered_there(
    thread: Thread, address: str, kept: str
) -> None:
    place = place_of(thread, address)
    [heard] = threads.note_inbound([threads.Heard(place, NOON, "wamid.1")]).values()
    assert (heard.pk, heard.address, Thread.objects.get().address) == (thread.pk, kept, kept)


def test_what_a_provider_calls_many_people_is_kept_by_two_statements(
    thread: Thread, connection: Connection, django_assert_num_queries: object
) -> None:
    places = [
        threads.Place(person.pk, connection.pk, f"55119{index}")
        for index, person in enumerate(factories.contacts(5))
    ]
    old = threads.Place(thread.contact_id, connection.pk, "another")
    with django_assert_num_queries(2):  # type: ignore[operator]  # the second: what runs wrote
        threads.readdress([*places, old])
    found = {row.contact_id: row for row in Thread.objects.filter(connection=connection)}
    assert {pk: row.address for pk, row in found.items()} == {
        place.contact_id: place.address for place in [*places, old]
    }
    assert found[thread.contact_id].pk == thread.pk
    with django_assert_num_queries(1):  # type: ignore[operator]  # nobody is new
        threads.readdress([*places, old])


def test_the_window_grows_and_never_shrinks(thread: Thread) -> None:
    for at in (NOON, NOON - timedelta(hours=3)):
        threads.note_inbound([threads.Heard(place_of(thread), at, f"wamid.{at.hour}")])
    thread.refresh_from_db()
    assert thread.window_until == NOON + timedelta(hours=24)
    assert (thread.last_inbound_at, thread.last_inbound_external_id) == (NOON, "wamid.12")


def test_a_provider_without_a_window_keeps_none(thread: Thread) -> None:
    threads.note_inbound([threads.Heard(place_of(thread), NOON, "wamid.1")], window=None)
    thread.refresh_from_db()
    assert thread.window_until is None


def test_the_window_closes_to_the_second() -> None:
    thread = Thread(window_until=NOON)
    assert threads.window_is_open(thread, NOON - timedelta(seconds=1))
    assert not threads.window_is_open(thread, NOON)
    assert not threads.window_is_open(Thread(), NOON)
    assert not threads.window_is_open(None, NOON)
