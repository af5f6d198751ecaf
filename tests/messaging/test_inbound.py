"""What people write: one contact, one thread, one row, and an open window."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connections.models import Connection
from connections.providers.base import Identities, InboundMedia, InboundMessage
from conversations.models import Conversation
from core.models import AgendaRow
from crm.models import Contact, Identity
from events.models import Event
from messaging.enums import DispatchState, MediaState, MessageKind
from messaging.models import Media, Message, Thread
from messaging.services import inbound
from tenants.models import Company
from tests.messaging import factories

NOW = timezone.now() - timedelta(minutes=1)


@pytest.fixture
def connection(company: Company) -> Connection:
    return factories.a_connection()


def arriving(external_id: str = "wamid.1", **fields: Any) -> InboundMessage:
    defaults: dict[str, Any] = {
        "number_id": factories.NUMBER,
        "account_id": factories.ACCOUNT,
        "external_id": external_id,
        "identities": Identities(wa_id="5511987654321"),
        "at": NOW,
        "kind": "text",
        "content": {"text": "Oi"},
    }
    return InboundMessage(**{**defaults, **fields})


def receive(connection: Connection, **fields: Any) -> Message:
    message = inbound.receive(connection=connection, inbound=arriving(**fields))
    assert message is not None
    return message


def test_the_same_message_twice_is_one_row(connection: Connection) -> None:
    receive(connection)
    assert inbound.receive(connection=connection, inbound=arriving()) is None
    assert Message.objects.count() == 1


def test_with_and_without_the_ninth_digit_is_one_person(connection: Connection) -> None:
    receive(connection, external_id="wamid.1", identities=Identities(wa_id="5511987654321"))
    receive(connection, external_id="wamid.2", identities=Identities(wa_id="551187654321"))

    assert (Contact.objects.count(), Thread.objects.count()) == (1, 1)


def test_a_person_without_a_phone_is_received(connection: Connection) -> None:
    person = Identities(bsuid="BR.1502576394655843")
    message = receive(connection, identities=person, profile_name="Ana")

    assert message.thread is not None
    assert message.thread.address == "BR.1502576394655843"
    known = Identity.objects.get(contact=message.contact)
    assert (known.kind, known.scope) == ("bsuid", str(connection.pk))


def test_the_window_opens_by_the_providers_time_and_never_shrinks(connection: Connection) -> None:
    message = receive(connection, external_id="wamid.2", at=NOW)
    receive(connection, external_id="wamid.1", at=NOW - timedelta(hours=3))

    thread = Thread.objects.get(pk=message.thread_id)
    assert thread.window_until == NOW + timedelta(hours=24)
    assert (thread.last_inbound_at, thread.last_inbound_external_id) == (NOW, "wamid.2")


def test_a_clock_that_runs_ahead_is_cut_to_now(connection: Connection) -> None:
    message = receive(connection, at=timezone.now() + timedelta(days=1))
    assert message.at <= timezone.now()


def test_a_file_is_noted_and_will_be_fetched(connection: Connection) -> None:
    message = receive(
        connection,
        kind="image",
        content={"caption": "Olha"},
        media=InboundMedia(external_id="media-1", mime="image/jpeg"),
    )

    media = Media.objects.get()
    assert (message.media_id, media.state, media.external_id) == (
        media.pk,
        MediaState.PENDING,
        "media-1",
    )
    assert AgendaRow.objects.filter(kind="messaging.fetch_media", key=str(media.pk)).exists()


def test_an_unknown_kind_keeps_what_came(connection: Connection) -> None:
    message = receive(connection, kind="poll", content={}, raw={"type": "poll", "poll": {"a": 1}})

    assert message.kind == MessageKind.UNKNOWN
    assert message.content == {"raw": {"type": "poll", "poll": {"a": 1}}}


STORY: dict[str, dict[str, Any]] = {
    "wamid.1": {"at": NOW - timedelta(seconds=40), "content": {"text": "Oi"}},
    "wamid.2": {"at": NOW - timedelta(seconds=30), "reply_to": "wamid.1"},
    "wamid.3": {
        "at": NOW - timedelta(seconds=20),
        "kind": "reaction",
        "content": {"emoji": "👍", "target": "wamid.2"},
    },
    "wamid.4": {
        "at": NOW - timedelta(seconds=10),
        "kind": "reaction",
        "content": {"emoji": "", "target": "wamid.2"},
    },
}


@pytest.mark.parametrize("order", list(itertools.permutations(STORY))[::3], ids="-".join)
def test_in_whatever_order_and_however_often_they_come_the_thread_is_the_same(
    connection: Connection, order: tuple[str, ...]
) -> None:
    for external_id in (*order, *order):
        inbound.receive(connection=connection, inbound=arriving(external_id, **STORY[external_id]))

    rows = Message.objects.order_by("at").values_list(
        "external_id", "kind", "reply_to__external_id", "content__emoji"
    )
    assert list(rows) == [
        ("wamid.1", "text", None, None),
        ("wamid.2", "text", "wamid.1", None),
        ("wamid.3", "reaction", "wamid.2", "👍"),
        ("wamid.4", "reaction", "wamid.2", ""),
    ]


@pytest.mark.parametrize("order", [list(STORY), list(reversed(STORY))], ids=["forth", "back"])
def test_what_comes_at_once_makes_the_same_thread_as_one_by_one(
    connection: Connection, order: list[str]
) -> None:
    arrived = [arriving(external_id, **STORY[external_id]) for external_id in order]
    other = arriving("wamid.9", identities=Identities(wa_id="5521987654321"), profile_name="Bia")
    stored = inbound.receive_all(connection=connection, inbounds=[*arrived, other, *arrived])
    assert {row.external_id for row in stored} == {*STORY, "wamid.9"}
    assert inbound.receive_all(connection=connection, inbounds=arrived) == []

    rows = Message.objects.exclude(external_id="wamid.9").order_by("at")
    assert list(rows.values_list("external_id", "reply_to__external_id")) == [
        ("wamid.1", None),
        ("wamid.2", "wamid.1"),
        ("wamid.3", "wamid.2"),
        ("wamid.4", "wamid.2"),
    ]
    assert (Contact.objects.count(), Thread.objects.count()) == (2, 2)
    conversation = Conversation.objects.get(contact__name="")
    assert (conversation.unread_count, conversation.waiting_since) == (2, STORY[first(order)]["at"])
    newest = Message.objects.get(external_id="wamid.4")
    assert conversation.last_message_id == newest.pk


def first(order: list[str]) -> str:
    """The first of them that waits for an answer."""
    return next(one for one in order if STORY[one].get("kind") != "reaction")


def test_many_known_people_cost_as_many_statements_as_one(
    connection: Connection, django_assert_num_queries: Any
) -> None:
    people = [Identities(wa_id=f"55119876543{number}") for number in range(10, 30)]
    for number, person in enumerate(people):
        receive(connection, external_id=f"wamid.a{number}", identities=person)
    for few in (people[:1], people):
        inbounds = [
            arriving(f"wamid.{len(few)}.{number}", identities=person)
            for number, person in enumerate(few)
        ]
        with django_assert_num_queries(11):
            inbound.receive_all(connection=connection, inbounds=inbounds)


def test_who_writes_twice_at_once_answers_two_campaign_messages(connection: Connection) -> None:
    message = receive(connection)
    template = factories.a_template(connection)
    for _ in range(2):
        stream = factories.a_run(connection, template, 1)
        Message.objects.filter(stream=stream).update(
            dispatch=DispatchState.ACCEPTED, thread=message.thread, at=NOW - timedelta(hours=1)
        )
    arrived = [arriving(f"wamid.{number}") for number in (2, 3)]
    inbound.receive_all(connection=connection, inbounds=arrived)
    assert Message.objects.filter(replied_at=NOW).count() == 2


def test_a_quote_and_a_reaction_point_at_their_message(connection: Connection) -> None:
    first = receive(connection, external_id="wamid.1")
    quoting = receive(connection, external_id="wamid.2", reply_to="wamid.1")
    reaction = receive(
        connection,
        external_id="wamid.3",
        kind="reaction",
        content={"emoji": "👍", "target": "wamid.1"},
    )

    assert (quoting.reply_to_id, reaction.reply_to_id) == (first.pk, first.pk)


def test_an_answer_marks_the_last_campaign_message(connection: Connection) -> None:
    template = factories.a_template(connection)
    stream = factories.a_run(connection, template, 1)
    row = Message.objects.get(stream=stream)
    thread = Thread.objects.create(contact=row.contact, connection=connection, address=row.address)
    Message.objects.filter(pk=row.pk).update(
        dispatch=DispatchState.ACCEPTED, thread=thread, at=NOW - timedelta(hours=1)
    )

    receive(connection, identities=Identities(wa_id=row.address.lstrip("+")))

    row.refresh_from_db()
    assert row.replied_at == NOW


def test_it_is_told_with_the_ids_of_everything(connection: Connection) -> None:
    message = receive(connection)

    event = Event.objects.get(type="message.received")
    assert event.data == {
        "message_id": str(message.pk),
        "thread_id": str(message.thread_id),
        "contact_id": str(message.contact_id),
        "connection_id": str(connection.pk),
        "kind": "text",
        "at": NOW.isoformat(),
    }


def test_a_changed_number_is_learned(connection: Connection) -> None:
    receive(connection, external_id="wamid.1")
    receive(
        connection,
        external_id="wamid.2",
        kind="system",
        content={"text": "changed", "type": "user_changed_number", "wa_id": "5511912345678"},
    )
    receive(connection, external_id="wamid.3", identities=Identities(wa_id="5511912345678"))

    assert Contact.objects.count() == 1
